"""The resources slice."""
