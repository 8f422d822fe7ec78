"""What a domain knows, and what it could not answer. Stands on the engine, knows nothing of the console."""
