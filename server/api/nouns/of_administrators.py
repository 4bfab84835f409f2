"""Administrators and service accounts: who may do what, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from server import tenants
from server.administration import Permission, administrators, service_accounts
from server.administration.administrators import NewAdministrator
from server.administration.finding import Unknown
from server.administration.service_accounts import NewServiceAccount
from server.api.documents import Name, Time, document, fill
from server.api.routes import Answer, Call, Route, listed
from server.api.shapes import Text
from server.credentials import check_password
from server.kernel import passwords
from server.roles import AdminRole

from .of_users import FullName, Password, Username

if TYPE_CHECKING:
    from server.tenants import Tenant

Slug = Annotated[str, Text(1, 63)]
Secret = Annotated[str, Text(1, 512)]


@document
@dataclass(frozen=True, slots=True)
class AdministratorItem:
    """One role of one administrator: a person, or a service account, which has a client_id."""

    user_id: UUID
    username: Username | None
    name: FullName | None
    client_id: Annotated[str, Text(1, 500)] | None
    enabled: bool
    role: AdminRole
    tenant: Slug | None
    created_at: Time


@document
@dataclass(frozen=True, slots=True)
class NewAdministratorDocument:
    """Somebody to be made an administrator. Without a password they must be one already, somewhere."""

    username: Username
    role: AdminRole
    password: Password | None = field(default=None, repr=False)


@document
@dataclass(frozen=True, slots=True)
class AdministratorDocument:
    """An administrator."""

    id: UUID
    username: Username
    enabled: bool


@document
@dataclass(frozen=True, slots=True)
class NewServiceAccountDocument:
    """A program to be let in; with `reads_only` it changes nothing, whatever its role."""

    name: Name
    role: AdminRole
    reads_only: bool = False


@document
@dataclass(frozen=True, slots=True)
class ServiceAccountDocument:
    """A service account that was just made, with the only copy of its secret."""

    id: UUID
    client_id: Annotated[str, Text(1, 500)]
    client_secret: Secret


@document
@dataclass(frozen=True, slots=True)
class ServiceAccountSecret:
    """A secret that was just made: the only copy of its text."""

    client_secret: Secret


@document
@dataclass(frozen=True, slots=True)
class MembershipDocument:
    """A role, and where: without a tenant, on the whole platform."""

    role: AdminRole
    tenant: Slug | None


@document
@dataclass(frozen=True, slots=True)
class Myself:
    """Whoever calls, and what they may do."""

    kind: Annotated[str, Text(1, 20)]
    id: Annotated[str, Text(1, 100)]
    reads_only: bool
    limited_to: Slug | None
    memberships: tuple[MembershipDocument, ...]


async def get_myself(call: Call) -> Answer:
    """Who you are to the API, and what you may do."""
    operator = call.operator
    held = [
        MembershipDocument(membership.role, await _slug(call, membership.scope_tenant))
        for membership in operator.memberships
    ]
    limit = await _slug(call, operator.limit)
    kind, name = operator.actor.kind.value, str(operator.actor.id)
    return Answer(Myself(kind, name, operator.reads_only, limit, tuple(held)))


async def list_administrators(call: Call) -> Answer:
    """Who administers this tenant or, without one in the path, anything: one item for each role."""
    page = await administrators.page(call.operator, call.system, call.tenant_named, call.paging)
    return listed(page, lambda line: fill(AdministratorItem, line))


async def add_administrator(call: Call) -> Answer:
    """Make somebody an administrator of this tenant or, without one in the path, of the platform."""
    body, tenant = call.body(NewAdministratorDocument), call.tenant_named
    if body.password is None:
        user = await administrators.add(
            call.operator, call.system, body.username, body.role, tenant=tenant, now=call.now
        )
    else:
        check_password(body.password)
        new = NewAdministrator(body.username, await passwords.hash_password(body.password), body.role, tenant)
        user = await administrators.create(call.operator, call.system, new, call.now)
    return Answer(fill(AdministratorDocument, user))


async def remove_administrator_role(call: Call) -> Answer:
    """Take a role from an administrator or a service account. Somebody must be left who owns the platform."""
    try:
        role = AdminRole(call.parameters["role"])
    except ValueError:
        raise Unknown from None
    user_id, tenant = call.identifier("user"), call.tenant_named
    await administrators.take(call.operator, call.system, user_id, role, tenant=tenant, now=call.now)
    return Answer()


async def delete_administrator(call: Call) -> Answer:
    """Remove a person who administers, wherever they do. Somebody must be left who owns the platform."""
    await administrators.discard(call.operator, call.system, call.identifier("user"), call.now)
    return Answer()


async def create_service_account(call: Call) -> Answer:
    """Make a service account for this tenant or, without one in the path, for the platform."""
    body = call.body(NewServiceAccountDocument)
    new = NewServiceAccount(body.name, body.role, call.tenant_named, body.reads_only)
    client, secret = await service_accounts.create(call.operator, call.system, new, call.now)
    return Answer(ServiceAccountDocument(client.id, client.client_id, secret))


async def add_service_account_secret(call: Call) -> Answer:
    """Give a service account one more secret. Two may live at once."""
    account = call.identifier("account")
    return Answer(
        ServiceAccountSecret(await service_accounts.add_secret(call.operator, call.system, account, call.now))
    )


async def delete_service_account(call: Call) -> Answer:
    """Remove a service account; its tokens end at once."""
    await service_accounts.discard(call.operator, call.system, call.identifier("account"), call.now)
    return Answer()


async def _slug(call: Call, tenant_id: UUID | None) -> str | None:
    tenant: Tenant | None = await tenants.find(tenant_id, call.public_url) if tenant_id else None
    return tenant.slug if tenant else None


TENANT = "/tenants/{tenant}"
ROLE = "administrators/{user}/roles/{role}"
READ, MANAGE = Permission.READ, Permission.MANAGE_ADMINISTRATORS
ROUTES = (
    Route("GET", "/me", "getMyself", get_myself, None, Myself),
    *(
        route
        for prefix, ending in (("", ""), (TENANT, "OfTenant"))
        for route in (
            Route(
                "GET", f"{prefix}/administrators", f"listAdministrators{ending}", list_administrators, READ,
                AdministratorItem, paged=True,
            ),
            Route(
                "POST", f"{prefix}/administrators", f"addAdministrator{ending}", add_administrator, MANAGE,
                AdministratorDocument, NewAdministratorDocument, status=201, refusals=(404, 409),
            ),
            Route(
                "DELETE", f"{prefix}/{ROLE}", f"removeAdministratorRole{ending}", remove_administrator_role, MANAGE,
                refusals=(409, 422),
            ),
            Route(
                "POST", f"{prefix}/service-accounts", f"createServiceAccount{ending}", create_service_account, MANAGE,
                ServiceAccountDocument, NewServiceAccountDocument, status=201,
            ),
        )
    ),
    Route("DELETE", "/administrators/{user}", "deleteAdministrator", delete_administrator, MANAGE, refusals=(409,)),
    Route(
        "POST", "/service-accounts/{account}/secrets", "addServiceAccountSecret", add_service_account_secret, None,
        ServiceAccountSecret, status=201, refusals=(409,),
    ),
    Route("DELETE", "/service-accounts/{account}", "deleteServiceAccount", delete_service_account, None),
)  # fmt: skip
