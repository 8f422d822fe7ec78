"""The page about how quickly the widget opens and answers on visitors' own machines."""
