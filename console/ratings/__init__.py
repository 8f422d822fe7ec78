"""The page about ratings: what visitors thought of their conversations with people."""
