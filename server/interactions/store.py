"""Queries over interactions. The browser's binding cookie is stored as a digest only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database, digests, expiry
from server.kernel.database import Statement
from server.kernel.json import dump_json, load_json
from server.protocol.authorization_request import AuthorizationRequest

from .records import Agreed, Interaction

if TYPE_CHECKING:
    from server.kernel.clock import Instant

# In the place of a client that has yet to be found.
NOBODY = UUID(int=0)

_INSERT = """
INSERT INTO interaction (id, tenant_id, handle, browser_digest, client_pk, request, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_FIND = """
SELECT id, client_pk, request, session_id, shown, agreed FROM interaction
WHERE tenant_id = $1 AND handle = $2 AND browser_digest = $3 AND finished_at IS NULL AND expires_at > $4
"""
_LOGGED_IN = """
UPDATE interaction SET session_id = $3, shown = NULL, agreed = NULL
WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
"""
_SIGNED_OUT = """
UPDATE interaction SET session_id = NULL, shown = NULL, agreed = NULL
WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
"""
_DESCRIBED = """
UPDATE interaction SET client_pk = $3, request = $4, shown = NULL
WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
"""
_SHOWN = "UPDATE interaction SET shown = $3 WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL"
_AGREED = "UPDATE interaction SET agreed = $3 WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL"
_CLAIM = """
UPDATE interaction SET finished_at = $3
WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL AND expires_at > $3
"""


async def create(tenant_id: UUID, interaction: Interaction, binding: str, *, expires_at: Instant, now: Instant) -> None:
    """Store a new interaction, bound to the browser that holds `binding`."""
    arguments = (
        interaction.id,
        tenant_id,
        interaction.handle,
        _digest(binding),
        interaction.client_pk or NOBODY,
        dump_json(interaction.request.to_json()),
        now,
        expires_at,
    )
    await database.write(Statement(_INSERT, arguments))


async def find(tenant_id: UUID, handle: str, binding: str | None, now: Instant) -> Interaction | None:
    """The open interaction with this handle in this browser."""
    if not binding or not handle.isascii() or not handle.isprintable():
        return None
    row = await database.find_row(_FIND, tenant_id, handle, _digest(binding), now)
    if row is None:
        return None
    client_pk = database.as_uuid(row["client_pk"])
    return Interaction(
        id=database.as_uuid(row["id"]),
        handle=handle,
        client_pk=None if client_pk == NOBODY else client_pk,
        request=AuthorizationRequest.from_json(load_json(str(row["request"]))),
        session_id=database.as_optional_uuid(row["session_id"]),
        shown=database.as_optional_text(row["shown"]),
        agreed=None if row["agreed"] is None else _agreed(str(row["agreed"])),
    )


async def note_login(tenant_id: UUID, interaction_id: UUID, session_id: UUID, *rows: Statement) -> bool:
    """Note that a person signed in in this interaction, and write the rows with it; false when it is finished."""
    return await database.write(*rows, claim=Statement(_LOGGED_IN, (tenant_id, interaction_id, session_id)))


async def note_sign_out(tenant_id: UUID, interaction_id: UUID) -> None:
    """Forget who signed in in this interaction."""
    await database.execute(_SIGNED_OUT, tenant_id, interaction_id)


async def note_client(tenant_id: UUID, interaction: Interaction) -> None:
    """Write down which client an interaction is for, and what it asks for in full."""
    request = dump_json(interaction.request.to_json())
    await database.execute(_DESCRIBED, tenant_id, interaction.id, interaction.client_pk, request)


async def note_shown(tenant_id: UUID, interaction_id: UUID, shown: str) -> None:
    """Remember the digest of what a step's page shows."""
    await database.execute(_SHOWN, tenant_id, interaction_id, shown)


async def note_agreed(tenant_id: UUID, interaction_id: UUID, agreed: Agreed) -> None:
    """Remember what the person allowed, until they have gone to the client."""
    kept = f"{agreed.shown}\n{' '.join(agreed.scope)}"
    await database.execute(_AGREED, tenant_id, interaction_id, kept)


async def claim(tenant_id: UUID, interaction_id: UUID, now: Instant, *rows: Statement) -> bool:
    """Finish an interaction and write the rows with it; true for the one call that did."""
    return await database.write(*rows, claim=Statement(_CLAIM, (tenant_id, interaction_id, now)))


async def sweep(before: Instant, limit: int) -> int:
    """Delete a batch, over all tenants, of what expired before an instant; how many there were."""
    return await expiry.delete_expired("interaction", before, limit)


def _agreed(kept: str) -> Agreed:
    shown, _, scope = kept.partition("\n")
    return Agreed(shown, tuple(scope.split()))


def _digest(binding: str) -> str:
    return digests.sha256(binding).hex()
