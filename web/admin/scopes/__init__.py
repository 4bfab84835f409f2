"""The scopes of a tenant: what clients may ask people for."""
