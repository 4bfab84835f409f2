"""The grants slice."""
