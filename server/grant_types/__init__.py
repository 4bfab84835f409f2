"""The grant types, one module for each. RFC 6749 §4.1.3, §4.4 and §6."""

from .authorization_code import redeem
from .client_credentials import issue_own
from .records import AuthenticatedClient, TokenRequest
from .refresh_token import refresh

__all__ = ["AuthenticatedClient", "TokenRequest", "issue_own", "redeem", "refresh"]
