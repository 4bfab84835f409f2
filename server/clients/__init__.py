"""The clients slice."""
