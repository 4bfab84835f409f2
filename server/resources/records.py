"""A protected resource: an MCP server or an API that tokens are issued for. RFC 8707, RFC 9728."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from server.tenants import Origin

if TYPE_CHECKING:
    from uuid import UUID


class TokenFormat(StrEnum):
    """How access tokens for a resource look."""

    JWT = "jwt"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Resource:
    """One audience. Without `scopes` of its own it takes every scope that says nothing about a person's identity."""

    id: UUID
    identifier: str  # as registered; tokens carry this spelling
    display_name: str
    scopes: tuple[str, ...] = ()
    token_format: TokenFormat = TokenFormat.JWT
    introspection_clients: tuple[str, ...] = ()  # client_ids that may introspect its tokens
    origin: Origin = Origin.MANIFEST
