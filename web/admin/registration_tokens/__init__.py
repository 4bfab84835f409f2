"""Initial access tokens: with one, a stranger may register clients."""
