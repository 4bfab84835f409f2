"""The client_credentials grant type: a token of the client's own, without a grant. RFC 6749 §4.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, resources, scopes, tokens
from server.kernel import database
from server.protocol.errors import InvalidScope, UnauthorizedClient
from server.protocol.scopes import parse_scope
from server.protocol.token_response import TokenResponse
from server.protocol.vocabulary import GrantType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.resources import Resource
    from server.scopes import Scope

    from .records import TokenRequest


async def issue_own(request: TokenRequest) -> TokenResponse:
    """Give a confidential client an access token of its own; no refresh token (§4.4.3).

    Raises UnauthorizedClient, InvalidScope, InvalidTarget.
    """
    if not request.client.is_confidential:
        raise UnauthorizedClient("client_credentials of a public client")
    # No person would have allowed anything: somebody who may has to have registered the client for it, or to have
    # handed out an initial access token that says so.
    is_known = request.client.is_vouched_for or request.client.registration.initial_access_token_id is not None
    if not is_known:
        raise UnauthorizedClient("client_credentials of a client that nobody vouched for")
    tenant = request.tenant
    targets = await resources.resolve(tenant.id, request.parameters.get_all("resource"))
    known = await scopes.list_scopes(tenant.id)
    scope = own_scope(request, known, targets)
    entitlement = tokens.entitlement(tenant.issuer, scope, targets, known)
    access = await tokens.issue_for_client(tenant, request.client, entitlement, request.now)
    event = audit.TokenIssued(
        grant_type=GrantType.CLIENT_CREDENTIALS,
        client_pk=request.client.id,
        scope=" ".join(entitlement.scope),
        audience=entitlement.audience,
        token_id=access.token_id,
    )
    rows = (*tokens.rows_of(tenant.id, access), audit.entry(event, tenant_id=tenant.id, now=request.now))
    await database.write(*rows)
    return TokenResponse(access.text, access.expires_in, entitlement.scope)


def own_scope(request: TokenRequest, known: Mapping[str, Scope], targets: tuple[Resource, ...]) -> tuple[str, ...]:
    """The scope of a token in which nobody is signed in: nothing that says who or what somebody is.

    Raises InvalidScope.
    """
    requested = parse_scope(request.parameters.get("scope"))
    about_people = {name for name, scope in known.items() if scope.is_identity}
    if not about_people.isdisjoint(requested):
        raise InvalidScope("a scope about a person in a token about none")
    wanted = tokens.checked_scope(requested, request.client, known)
    default = tokens.default_scope(request.client, known, targets)
    return wanted or tuple(name for name in default if name not in about_people)
