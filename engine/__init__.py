"""The chat: rooms, answers, money. The floor of the house: it imports nothing from above."""
