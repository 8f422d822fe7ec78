"""How quickly people answer, and how long it takes them."""
