"""Initial access tokens: who holds one may register clients, of a kind and a number that the tenant chose. RFC 7591 §3.

The digest of a token is stored; each registration spends one of its uses by a conditional UPDATE.
"""

from .policy import InvalidInitialAccessToken, check_definition, new_token, restrict
from .records import InitialAccessToken, Template
from .store import create, find, find_by_text, list_tokens, revoke, spend

__all__ = [
    "InitialAccessToken",
    "InvalidInitialAccessToken",
    "Template",
    "check_definition",
    "create",
    "find",
    "find_by_text",
    "list_tokens",
    "new_token",
    "restrict",
    "revoke",
    "spend",
]
