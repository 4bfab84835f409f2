"""Latchkey, an OAuth 2.1, OpenID Connect and MCP authorization server."""
