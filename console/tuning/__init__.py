"""How a domain uses what it knows: how cautious it is, and what follows from that."""
