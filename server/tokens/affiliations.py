"""The roles and groups of a person, as tokens tell them: only what a scope asks for, as names.

RFC 9068 §2.2.3.1, RFC 7643 §4.1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from server import roles, scopes
from server.protocol.scopes import AFFILIATION_SCOPES, GROUPS, ROLES

from . import jws

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    Claims = Mapping[str, tuple[str, ...]]

# Bytes of JSON: of one of these claims, and of all claims of a JWT. In base64, with its head and the longest signature,
# one of that length is still short enough for ourselves to read (`jws.MAX_LENGTH`), and for a header field.
LONGEST_IN_JWT = 2048
LONGEST_CLAIMS = jws.MAX_LENGTH * 3 // 4 - 768


async def affiliation_claims(tenant_id: UUID, user_id: UUID, scope: Iterable[str]) -> Claims:
    """The claims that a scope asks for, empty lists included. No query when it asks for none, one at most otherwise."""
    wanted = [name for name in scope if name in AFFILIATION_SCOPES]
    if not wanted:
        return {}
    known, held = await scopes.list_scopes(tenant_id), await roles.affiliations_of(tenant_id, user_id)
    values = {ROLES: held.roles, GROUPS: held.groups}
    return {name: values[name] for name in wanted if name in known and known[name].is_identity}


def fitting(claims: Claims, scope: Iterable[str], others: Mapping[str, object]) -> Claims:
    """Those of a JWT with this scope, beside its other claims; what is too long is left out, to be asked for."""
    wanted = [name for name in scope if name in claims]
    room = LONGEST_CLAIMS - len(orjson.dumps(others)) if wanted else 0
    told: dict[str, tuple[str, ...]] = {}
    for name in wanted:
        length = len(orjson.dumps(claims[name]))
        if length <= min(LONGEST_IN_JWT, room):
            told[name] = claims[name]
            room -= length
    return told
