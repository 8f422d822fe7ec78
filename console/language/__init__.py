"""The page about the language in which a bot speaks to visitors."""
