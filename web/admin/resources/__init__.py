"""The resources of a tenant: the MCP servers and APIs that tokens are for."""
