"""The scopes slice."""
