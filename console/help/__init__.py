"""The page about the Help tab: whether a bot has it, and what its readers thought of the answers."""
