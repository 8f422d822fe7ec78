"""Who is given the chats that wait."""
