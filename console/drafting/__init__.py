"""What a model helps an owner to write: phrasings of an entry, answers to gaps."""
