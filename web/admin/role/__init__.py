"""The pages of one role."""
