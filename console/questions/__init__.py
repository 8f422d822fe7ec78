"""The filtered questions of a domain, and what visitors answered."""
