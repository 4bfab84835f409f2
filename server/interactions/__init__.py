"""The interactions slice."""
