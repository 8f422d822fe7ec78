"""Imports: files and pages that become entries, and what became of them."""
