"""The pages of end users."""
