"""The pages of one group."""
