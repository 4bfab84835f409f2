"""Codes and refresh tokens: references to a grant, `lk_<purpose>_<kid>.<grant>.<generation>.<mac>`.

Nothing secret is stored: HMAC-SHA-256 over purpose, tenant, grant and generation proves that we made one. Whether it
still counts is for the grant to say. RFC 6749 §1.3.1 and §1.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from server.kernel import digests, ids
from server.protocol.errors import InvalidGrant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.keys import MacKey

_FORM = re.compile(
    r"lk_(?P<purpose>code|refresh)_(?P<kid>[\w-]{1,16})\.(?P<grant>[\w-]{22})\.(?P<generation>0|[1-9]\d{0,8})"
    r"\.(?P<mac>[\w-]{43})",
    re.ASCII,
)


class Purpose(StrEnum):
    """What a reference is for."""

    CODE = "code"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a genuine reference refers to."""

    grant_id: UUID
    generation: int


def issue(purpose: Purpose, tenant_id: UUID, mac_key: MacKey, grant_id: UUID, generation: int) -> str:
    """Make a reference; the same arguments always give the same one."""
    mac = digests.b64url(_mac(mac_key, purpose, tenant_id, grant_id, generation))
    return f"lk_{purpose}_{mac_key.kid}.{ids.to_short(grant_id)}.{generation}.{mac}"


def parse(text: str, purpose: Purpose, tenant_id: UUID, mac_keys: Mapping[str, MacKey]) -> Reference:
    """Read a reference that this tenant made for this purpose; raises InvalidGrant for everything else."""
    match = _FORM.fullmatch(text)
    if match is None or match["purpose"] != purpose:
        raise InvalidGrant(f"not a {purpose} reference")
    grant_id, key = ids.from_short(match["grant"]), mac_keys.get(match["kid"])
    if grant_id is None or key is None:
        raise InvalidGrant(f"{purpose} reference under a key that this tenant does not have")
    generation = int(match["generation"])
    if not digests.equal(match["mac"], digests.b64url(_mac(key, purpose, tenant_id, grant_id, generation))):
        raise InvalidGrant(f"{purpose} reference with a wrong MAC")
    return Reference(grant_id, generation)


def _mac(key: MacKey, purpose: Purpose, tenant_id: UUID, grant_id: UUID, generation: int) -> bytes:
    return digests.hmac_sha256(key.secret, purpose.value, tenant_id.bytes, grant_id.bytes, str(generation))
