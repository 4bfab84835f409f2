"""The grant behind a code or a refresh token that somebody presents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import grants, keys
from server.protocol.errors import InvalidGrant

from . import references

if TYPE_CHECKING:
    from uuid import UUID

    from server.grants import Grant

    from .references import Purpose


@dataclass(frozen=True, slots=True)
class PresentedReference:
    """A grant in whatever state it is, and the generation that was presented."""

    grant: Grant
    generation: int


async def get_presented(tenant_id: UUID, text: str, purpose: Purpose) -> PresentedReference:
    """The grant that a genuine reference refers to; raises InvalidGrant. One query, and none for what is not ours."""
    reference = references.parse(text, purpose, tenant_id, await keys.mac_keys(tenant_id))
    grant = await grants.find(tenant_id, reference.grant_id)
    if grant is None:
        raise InvalidGrant(f"{purpose} reference to a grant that is gone")
    return PresentedReference(grant, reference.generation)
