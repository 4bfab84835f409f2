"""The roles and groups of a person, as tokens tell them: only what a scope asks for, as names.

RFC 9068 §2.2.3.1, RFC 7643 §4.1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from server import roles, scopes
from server.protocol.scopes import AFFILIATION_SCOPES, GROUPS, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    Claims = Mapping[str, tuple[str, ...]]

# Bytes of JSON. Both claims at their longest leave a token short enough for a header field, and for ourselves to read.
LONGEST_IN_JWT = 2048


async def affiliation_claims(tenant_id: UUID, user_id: UUID, scope: Iterable[str]) -> Claims:
    """The claims that a scope asks for, empty lists included. No query when it asks for none, one at most otherwise."""
    wanted = [name for name in scope if name in AFFILIATION_SCOPES]
    if not wanted:
        return {}
    known, held = await scopes.list_scopes(tenant_id), await roles.affiliations_of(tenant_id, user_id)
    values = {ROLES: held.roles, GROUPS: held.groups}
    return {name: values[name] for name in wanted if name in known and known[name].is_identity}


def fitting(claims: Claims, scope: Iterable[str]) -> Claims:
    """Those of a token with this scope. One that is too long for a JWT is left out: whoever needs it has to ask."""
    return {
        name: claims[name] for name in scope if name in claims and len(orjson.dumps(claims[name])) <= LONGEST_IN_JWT
    }
