"""The pages of one client."""
