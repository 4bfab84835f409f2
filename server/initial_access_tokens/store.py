"""Queries over initial access tokens. Never cached: each use counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database
from server.kernel.json import dump_json, load_json
from server.protocol.stored_documents import StoredDocument
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod

from .policy import digest_of
from .records import InitialAccessToken, Template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue

_COLUMNS = "id, digest, name, template, max_uses, uses, created_at, valid_until, revoked_at"
_INSERT = """
INSERT INTO initial_access_token (tenant_id, id, digest, name, template, max_uses, uses, created_at, valid_until)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)
"""
_FIND = f"SELECT {_COLUMNS} FROM initial_access_token WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - constants only
_FIND_BY_DIGEST = f"""
SELECT {_COLUMNS} FROM initial_access_token WHERE tenant_id = $1 AND digest = $2
"""  # noqa: S608 - constants only
_LIST = f"""
SELECT {_COLUMNS} FROM initial_access_token WHERE tenant_id = $1 ORDER BY created_at, id
"""  # noqa: S608 - constants only
_SPEND = """
UPDATE initial_access_token SET uses = uses + 1
WHERE tenant_id = $1 AND id = $2 AND uses < max_uses AND revoked_at IS NULL AND valid_until > $3
"""
_REVOKE = "UPDATE initial_access_token SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL"


async def create(tenant_id: UUID, token: InitialAccessToken) -> None:
    """Store a new token."""
    template = dump_json(_template_document(token.template))
    arguments = (token.id, token.digest, token.name, template, token.max_uses, token.created_at, token.valid_until)
    await database.execute(_INSERT, tenant_id, *arguments)


async def find(tenant_id: UUID, token_id: UUID) -> InitialAccessToken | None:
    """A token in whatever state it is."""
    row = await database.row(_FIND, tenant_id, token_id)
    return _token(tenant_id, row) if row else None


async def find_by_text(tenant_id: UUID, text: str) -> InitialAccessToken | None:
    """The token with this text, in whatever state it is."""
    row = await database.row(_FIND_BY_DIGEST, tenant_id, digest_of(text))
    return _token(tenant_id, row) if row else None


async def list_tokens(tenant_id: UUID) -> tuple[InitialAccessToken, ...]:
    """Every token that was ever made, in that order."""
    return tuple(_token(tenant_id, row) for row in await database.rows(_LIST, tenant_id))


async def spend(tenant_id: UUID, token_id: UUID, now: Instant) -> bool:
    """Use a token once; false when it is used up, expired or revoked. A transaction that fails gives the use back."""
    return await database.execute(_SPEND, tenant_id, token_id, now) == 1


async def revoke(tenant_id: UUID, token_id: UUID, now: Instant) -> bool:
    """End a token; idempotent, true for the call that ended it."""
    return await database.execute(_REVOKE, tenant_id, token_id, now) == 1


def _template_document(template: Template) -> dict[str, JsonValue]:
    return {
        "scope": None if template.scope is None else list(template.scope),
        "grant_types": list(template.grant_types),
        "auth_methods": list(template.auth_methods),
        "redirect_hosts": None if template.redirect_hosts is None else list(template.redirect_hosts),
    }


def _template(text: str) -> Template:
    stored = StoredDocument(load_json(text))
    return Template(
        scope=None if stored.value("scope") is None else stored.texts("scope"),
        grant_types=tuple(map(GrantType, stored.texts("grant_types"))),
        auth_methods=tuple(map(TokenEndpointAuthMethod, stored.texts("auth_methods"))),
        redirect_hosts=None if stored.value("redirect_hosts") is None else stored.texts("redirect_hosts"),
    )


def _token(tenant_id: UUID, row: Mapping[str, object]) -> InitialAccessToken:
    return InitialAccessToken(
        id=database.as_uuid(row["id"]),
        tenant_id=tenant_id,
        name=str(row["name"]),
        template=_template(str(row["template"])),
        created_at=database.as_int(row["created_at"]),
        valid_until=database.as_int(row["valid_until"]),
        max_uses=database.as_int(row["max_uses"]),
        uses=database.as_int(row["uses"]),
        revoked_at=database.as_optional_int(row["revoked_at"]),
        digest=str(row["digest"]),
    )
