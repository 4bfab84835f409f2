"""A real browser for the pages that are drawn without a server."""

from tests.support.serving import chromium

__all__ = ["chromium"]
