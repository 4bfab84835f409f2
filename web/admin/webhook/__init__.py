"""The pages of one webhook."""
