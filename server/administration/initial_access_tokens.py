"""What an operator may do to initial access tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import initial_access_tokens, scopes
from server.audit import administration_events as events
from server.kernel.paging import page_of

from .act import act
from .authorise import Permission, check_permitted
from .finding import found

if TYPE_CHECKING:
    from uuid import UUID

    from server.initial_access_tokens import InitialAccessToken, Template
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.tenants import Tenant

    from .authorise import Operator


async def create(
    operator: Operator,
    tenant: Tenant,
    name: str,
    template: Template,
    *,
    max_uses: int,
    valid_until: Instant,
    now: Instant,
) -> str:
    """Make a token and return its text, which is kept nowhere; raises InvalidInitialAccessToken."""
    text, token = initial_access_tokens.new_token(
        tenant.id, name, template, max_uses=max_uses, valid_until=valid_until, now=now
    )
    known = await scopes.list_scopes(tenant.id)
    initial_access_tokens.check_definition(token, frozenset(known), now)
    event = events.InitialAccessTokenCreated(token.id, name, max_uses)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await initial_access_tokens.create(tenant.id, token)
    return text


async def list_tokens(operator: Operator, tenant: Tenant) -> tuple[InitialAccessToken, ...]:
    """Every token that was ever made, without their texts."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await initial_access_tokens.list_tokens(tenant.id)


async def page(operator: Operator, tenant: Tenant, paging: Paging) -> Page[InitialAccessToken]:
    """A page of the tokens, the oldest first; raises NotPermitted, BadCursor."""
    return page_of(await list_tokens(operator, tenant), lambda token: str(token.id), paging)


async def get(operator: Operator, tenant: Tenant, token_id: UUID) -> InitialAccessToken:
    """One token; raises NotPermitted, Unknown."""
    return found(next((token for token in await list_tokens(operator, tenant) if token.id == token_id), None))


async def revoke(operator: Operator, tenant: Tenant, token: InitialAccessToken, now: Instant) -> None:
    """Let nobody register with a token any more; the clients that it brought stay."""
    event = events.InitialAccessTokenRevoked(token.id, token.name)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await initial_access_tokens.revoke(tenant.id, token.id, now)
