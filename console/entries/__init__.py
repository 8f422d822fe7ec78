"""The FAQ of a domain: its list, the form of one entry, and what can be done to many at once."""
