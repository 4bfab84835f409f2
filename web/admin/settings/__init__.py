"""The settings of a tenant."""
