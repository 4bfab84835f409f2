"""What the actors say when a flow does not go where it should."""

from __future__ import annotations


class WrongTurn(AssertionError):
    """A flow went where nobody expected it."""
