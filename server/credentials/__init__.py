"""The credentials slice."""
