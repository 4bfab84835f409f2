"""The error pages."""
