"""Making people: one, or many from a file."""
