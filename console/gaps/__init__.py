"""What visitors asked and nobody could answer, grouped; and entries that disagree."""
