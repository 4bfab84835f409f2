"""The tenants slice."""
