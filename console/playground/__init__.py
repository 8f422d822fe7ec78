"""Ask as a visitor would, and see why the bot would answer as it does."""
