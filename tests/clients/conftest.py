"""The real program, a real browser."""

from tests.support.serving import callback, chromium, http, installation, issuer, server

__all__ = ["callback", "chromium", "http", "installation", "issuer", "server"]
