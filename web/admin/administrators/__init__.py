"""Who administers the platform and its tenants."""
