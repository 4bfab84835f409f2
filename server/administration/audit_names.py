"""Whom the audit log means: from what an operator types to the ids in it, and back to what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server import audit, clients, projections, roles, users
from server.audit import ActorKind, Filters
from server.kernel import ids

from .authorise import Permission, check_permitted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.audit import AuditEntry
    from server.projections import Names
    from server.tenants import Tenant

    from .authorise import Operator

LONGEST_ACTOR = 64


async def find_person(operator: Operator, tenant: Tenant, text: str) -> UUID | None:
    """The person of this username, address or id; an id also of somebody who is gone."""
    check_permitted(operator, Permission.READ, tenant.id)
    user = await users.find_by_identifier(tenant.id, text)
    return user.id if user else _id(text)


async def find_client(operator: Operator, tenant: Tenant, text: str) -> UUID | None:
    """The client of this client_id or id; an id also of one that is gone."""
    check_permitted(operator, Permission.READ, tenant.id)
    client = await clients.find(tenant.id, text)
    return client.id if client else _id(text)


async def find_actor(operator: Operator, tenant: Tenant, system: Tenant, text: str) -> str:
    """How the log names who acted: an administrator first, then a person, then a client, else what was typed.

    Administrators are those of this tenant and those who acted in it: nobody learns who administers elsewhere.
    """
    check_permitted(operator, Permission.READ, tenant.id)
    found = await _find_administrator(tenant, system, text)
    found = found or await find_person(operator, tenant, text)
    found = found or await find_client(operator, tenant, text)
    return str(found) if found else text[:LONGEST_ACTOR]


async def names(operator: Operator, tenant: Tenant, system: Tenant, entries: Iterable[AuditEntry]) -> Names:
    """What those are called whom events name by id; in one query."""
    check_permitted(operator, Permission.READ, tenant.id)
    found = tuple(entries)
    acted = {kind: _ids(entry.actor.id for entry in found if entry.actor.kind is kind) for kind in ActorKind}
    people = {entry.subject_id for entry in found if entry.subject_id} | acted[ActorKind.USER]
    programs = {entry.client_pk for entry in found if entry.client_pk} | acted[ActorKind.CLIENT]
    return await projections.names_of(tenant.id, system.id, people, programs, acted[ActorKind.ADMINISTRATOR])


async def _find_administrator(tenant: Tenant, system: Tenant, text: str) -> UUID | None:
    user = await users.find_by_identifier(system.id, text)
    if user is None:
        return None
    if any(held.scope_tenant == tenant.id for held in await roles.memberships_of(system.id, user.id)):
        return user.id
    acted = await audit.search(tenant.id, Filters(actor_id=str(user.id)), limit=1)
    return user.id if acted.entries else None


def _ids(texts: Iterable[str | None]) -> set[UUID]:
    # The system's are names, and not always there.
    return {found for text in texts if text is not None and (found := _id(text))}


def _id(text: str) -> UUID | None:
    try:
        return ids.from_short(text) or UUID(text)
    except ValueError:
        return None
