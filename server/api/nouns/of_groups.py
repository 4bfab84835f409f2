"""Groups of people: the roles that they give, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from server.administration import Permission
from server.administration import groups as acts
from server.administration import roles as role_acts
from server.administration import users as user_acts
from server.api.documents import document, fill
from server.api.routes import Answer, Call, Route, listed, shown
from server.api.shapes import Text
from server.kernel import ids
from server.projections import GroupFilter, PersonFilter
from server.roles import LONGEST_DESCRIPTION, Group
from server.tenants import Origin

from .of_users import GroupName, RoleName, UserItem

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

GroupDescription = Annotated[str, Text(0, LONGEST_DESCRIPTION, "Whoever writes for us")]


@document
@dataclass(frozen=True, slots=True)
class GroupDocument:
    """A group of people. Whoever is in it has its roles; groups are not in groups."""

    id: UUID
    name: GroupName
    description: GroupDescription
    roles: tuple[RoleName, ...]
    origin: Origin


@document
@dataclass(frozen=True, slots=True)
class GroupItem:
    """A group in a list, with how many people are in it."""

    id: UUID
    name: GroupName
    description: GroupDescription
    roles: tuple[RoleName, ...]
    origin: Origin
    members: int


@document
@dataclass(frozen=True, slots=True)
class GroupSettings:
    """All that can be said of a group, but for who is in it."""

    name: GroupName
    description: GroupDescription = ""
    roles: tuple[RoleName, ...] = ()


@document
@dataclass(frozen=True, slots=True)
class GroupQuery:
    """Which groups: with this text in name or description, with this person in them, giving this role."""

    search: Annotated[str, Text(1, 200)] | None = None
    member: UUID | None = None
    role: RoleName | None = None


def show(group: DataclassInstance) -> GroupDocument:
    """The document of a group."""
    return fill(GroupDocument, group)


async def list_groups(call: Call) -> Answer:
    """The groups of a tenant, by name."""
    query = call.query(GroupQuery)
    role = await role_acts.get(call.operator, call.tenant, query.role) if query.role else None
    wanted = GroupFilter(query.search, query.member, role.id if role else None)
    page = await acts.page(call.operator, call.tenant, wanted, call.paging)
    return listed(page, lambda line: fill(GroupItem, line))


async def get_group(call: Call) -> Answer:
    """One group."""
    group = await acts.get(call.operator, call.tenant, call.identifier("group"))
    return shown(group, show(group))


async def create_group(call: Call) -> Answer:
    """Make a group."""
    group = _edited(Group(ids.uuid7(), "", call.operator.origin), call.body(GroupSettings))
    await acts.define(call.operator, call.tenant, group, call.now)
    return shown(group, show(group), location=f"/tenants/{call.tenant.slug}/groups/{group.id}")


async def change_group(call: Call) -> Answer:
    """Say what a group is called, is for and gives; who is in it stays."""
    body = call.body(GroupSettings)
    group = await acts.change(
        call.operator,
        call.tenant,
        call.identifier("group"),
        lambda before: _edited(before, body),
        call.now,
        version=call.version,
    )
    return shown(group, show(group))


async def delete_group(call: Call) -> Answer:
    """Remove a group; the people who were in it stay."""
    await acts.discard(call.operator, call.tenant, call.identifier("group"), call.now, version=call.version)
    return Answer()


async def list_group_members(call: Call) -> Answer:
    """The people in a group, by username."""
    group = await acts.get(call.operator, call.tenant, call.identifier("group"))
    page = await user_acts.page(call.operator, call.tenant, PersonFilter(group_id=group.id), call.paging)
    return listed(page, lambda line: fill(UserItem, line))


async def add_group_member(call: Call) -> Answer:
    """Put a person into a group; nothing happens to one who is in it."""
    user = await user_acts.get(call.operator, call.tenant, call.identifier("user"))
    await acts.admit(call.operator, call.tenant, call.identifier("group"), (user.id,), call.now)
    return Answer()


async def remove_group_member(call: Call) -> Answer:
    """Take a person out of a group; nothing happens to one who is not in it."""
    user = await user_acts.get(call.operator, call.tenant, call.identifier("user"))
    await acts.dismiss(call.operator, call.tenant, call.identifier("group"), (user.id,), call.now)
    return Answer()


def _edited(group: Group, body: GroupSettings) -> Group:
    return replace(group, name=body.name, description=body.description, roles=tuple(sorted(set(body.roles))))


ALL = "/tenants/{tenant}/groups"
ONE, MEMBER = f"{ALL}/{{group}}", f"{ALL}/{{group}}/members/{{user}}"
READ, MANAGE = Permission.READ, Permission.MANAGE_USERS
ROUTES = (
    Route("GET", ALL, "listGroups", list_groups, READ, GroupItem, query=GroupQuery, paged=True),
    Route("POST", ALL, "createGroup", create_group, MANAGE, GroupDocument, GroupSettings, status=201, refusals=(409,)),
    Route("GET", ONE, "getGroup", get_group, READ, GroupDocument),
    Route("PUT", ONE, "changeGroup", change_group, MANAGE, GroupDocument, GroupSettings, shows=show, refusals=(409,)),
    Route("DELETE", ONE, "deleteGroup", delete_group, MANAGE, shows=show),
    Route("GET", f"{ONE}/members", "listGroupMembers", list_group_members, READ, UserItem, paged=True),
    Route("PUT", MEMBER, "addGroupMember", add_group_member, MANAGE),
    Route("DELETE", MEMBER, "removeGroupMember", remove_group_member, MANAGE),
)
