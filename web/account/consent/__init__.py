"""The consent pages."""
