"""The audit slice."""
