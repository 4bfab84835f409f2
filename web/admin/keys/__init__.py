"""The keys of a tenant."""
