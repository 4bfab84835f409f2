"""Tokens that are printed for administrators, by whoever can run the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, clients, grants, roles, tokens
from server.audit import people_events
from server.grants import Grant
from server.kernel import database, ids
from server.protocol.claims import ClaimsRequest
from server.resources import TokenFormat

from .administrators import find
from .authorise import Permission, check_permitted
from .platform import ADMIN_SCOPE, COMMAND_LINE, TOKEN_LIFETIME, NotMigrated, api_of

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.users import User

    from .authorise import Operator

# How a token's person was authenticated: not by us, but by the machine that the program runs on.
ACR_COMMAND_LINE = "urn:latchkey:acr:command-line"


class NotAnAdministrator(Exception):
    """The person is unknown, disabled, or has no right where it matters; the message says which."""


async def issue_token(operator: Operator, system: Tenant, username: str, limit: Tenant | None, now: Instant) -> str:
    """An access token for the administration API, for 15 minutes, for one tenant when one is named.

    It carries no rights: the API looks at the administrator's memberships at every call. Raises NotAnAdministrator.
    """
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, system.id)
    user = await _get_administrator(system, username, limit)
    client = await clients.find(system.id, COMMAND_LINE)
    if client is None:
        raise NotMigrated("the built-in client is missing: run latchkey migrate")
    grant = _grant(system, client, user, limit, now)
    entitlement = tokens.Entitlement(grant.resources, grant.scope, TokenFormat.JWT)
    holder, order = tokens.GrantHolder(grant, user, client), tokens.Order(entitlement, grant.scope, generation=0)
    async with database.transaction():
        await grants.create(system.id, grant)
        # There is no code that anybody could redeem: it is spent before it was ever made.
        await grants.claim_code(system.id, grant.id, generation=0, expires_at=grant.expires_at, now=now)
        issued = await tokens.issue(system, holder, order, now)
        await database.write(*tokens.rows_of(system.id, issued.access_token))
        event = people_events.AdministratorTokenIssued(user.id, limit.slug if limit else None)
        await audit.record(event, tenant_id=system.id, now=now, actor=operator.actor)
    return issued.response.access_token


async def _get_administrator(system: Tenant, username: str, limit: Tenant | None) -> User:
    user = await find(system, username)
    if user is None:
        raise NotAnAdministrator("there is no administrator of this name")
    if not user.enabled:
        raise NotAnAdministrator("this administrator is disabled")
    held = await roles.memberships_of(system.id, user.id)
    if limit is not None:
        held = tuple(membership for membership in held if membership.scope_tenant in {None, limit.id})
    if not held:
        raise NotAnAdministrator("this person administers nothing" + (" in this tenant" if limit else ""))
    return user


def _grant(system: Tenant, client: Client, user: User, limit: Tenant | None, now: Instant) -> Grant:
    return Grant(
        id=ids.uuid7(),
        client_pk=client.id,
        user_id=user.id,
        session_id=None,
        scope=(f"{ADMIN_SCOPE}:{limit.slug}" if limit else ADMIN_SCOPE,),
        resources=(api_of(_public_url(system)),),
        redirect_uri="",
        code_challenge=None,
        nonce=None,
        claims_request=ClaimsRequest(),
        auth_time=now,
        acr=ACR_COMMAND_LINE,
        amr=(),
        created_at=now,
        expires_at=now + TOKEN_LIFETIME,
        max_expires_at=now + TOKEN_LIFETIME,
    )


def _public_url(system: Tenant) -> str:
    # The system tenant never has a domain: it lives below the public URL.
    return system.issuer.removesuffix(f"/t/{system.slug}")
