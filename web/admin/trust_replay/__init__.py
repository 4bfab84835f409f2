"""Replay: what a draft of the policy would have changed."""
