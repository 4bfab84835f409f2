"""An authorization request with its resources and scope as the tenant knows them. RFC 6749 §3.3, RFC 8707 §2."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import resources, scopes, tokens
from server.protocol.errors import UnauthorizedClient
from server.protocol.vocabulary import GrantType

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.protocol.authorization_request import AuthorizationRequest


async def complete_request(tenant_id: UUID, client: Client, wanted: AuthorizationRequest) -> AuthorizationRequest:
    """What a client asks for, in full.

    Raises what the client may be told: UnauthorizedClient, InvalidTarget, InvalidScope.
    """
    if GrantType.AUTHORIZATION_CODE not in client.metadata.grant_types:
        raise UnauthorizedClient("the client does not use the authorization code grant")
    known = await scopes.list_scopes(tenant_id)
    targets = await resources.resolve(tenant_id, wanted.resources)
    scope = tokens.checked_scope(wanted.scope, client, known) or tokens.default_scope(client, known, targets)
    max_age = client.metadata.default_max_age if wanted.max_age is None else wanted.max_age
    return replace(wanted, scope=scope, resources=tuple(target.identifier for target in targets), max_age=max_age)
