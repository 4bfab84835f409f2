"""The roles slice."""
