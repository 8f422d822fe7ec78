"""Vectors of meaning: who makes them, where they are kept, and the job that computes what is lacking."""
