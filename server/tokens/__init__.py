"""Tokens: from a grant to what goes over the wire, and back.

Codes and refresh tokens are references to a grant; access tokens are JWTs or rows; ID tokens are JWTs. Where the
resources of one access token disagree about its format, it is opaque.
"""

from . import references
from .access_tokens import issue_for_client, revoke, rows_of
from .affiliations import affiliation_claims
from .ceilings import checked_scope, default_scope, permitted_scope, remaining_scope
from .entitlements import entitle_grant, entitlement, is_scope_of
from .id_tokens import read_id_token_hint
from .inspection import find_access_token
from .issuance import issue
from .person_claims import userinfo_claims
from .presentation import PresentedReference, get_presented
from .records import AccessToken, Entitlement, GrantHolder, IdTokenHint, Issued, IssuedAccessToken, Order
from .store import sweep

__all__ = [
    "AccessToken",
    "Entitlement",
    "GrantHolder",
    "IdTokenHint",
    "Issued",
    "IssuedAccessToken",
    "Order",
    "PresentedReference",
    "affiliation_claims",
    "checked_scope",
    "default_scope",
    "entitle_grant",
    "entitlement",
    "find_access_token",
    "get_presented",
    "is_scope_of",
    "issue",
    "issue_for_client",
    "permitted_scope",
    "read_id_token_hint",
    "references",
    "remaining_scope",
    "revoke",
    "rows_of",
    "sweep",
    "userinfo_claims",
]
