"""The tenants that somebody administers."""
