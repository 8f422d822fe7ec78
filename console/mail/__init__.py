"""The page about mail: whether letters can be sent, a letter to try it, and what became of each."""
