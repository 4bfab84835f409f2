"""People, their passwords and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from server import users
from server.administration import Permission
from server.administration import groups as group_acts
from server.administration import roles as role_acts
from server.administration import users as acts
from server.api.documents import ABSENT, Absent, Name, Time, document, fill, given
from server.api.routes import Answer, Call, Route, listed, shown
from server.api.shapes import Text
from server.credentials import check_password
from server.kernel import passwords
from server.projections import PersonFilter, PersonOrder
from server.roles import LONGEST_GROUP_NAME
from server.tenants import Origin

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from server.users import User

Username = Annotated[str, Text(1, 200, "ada")]
Email = Annotated[str, Text(3, 254, "ada@acme.test")]
Password = Annotated[str, Text(8, 1024)]
FullName = Annotated[str, Text(0, 200)]
RoleName = Annotated[str, Text(1, 100, "editor")]
GroupName = Annotated[str, Text(1, LONGEST_GROUP_NAME, "Editors")]


@document
@dataclass(frozen=True, slots=True)
class UserItem:
    """A person in a list."""

    id: UUID
    username: Username
    email: Email | None
    email_verified: bool
    name: FullName | None
    enabled: bool
    origin: Origin
    created_at: Time
    updated_at: Time


@document
@dataclass(frozen=True, slots=True)
class UserDocument:
    """A person. `sub` is what clients know them by; `claims` are further claims of OpenID Connect."""

    id: UUID
    sub: Annotated[str, Text(1, 64)]
    username: Username
    email: Email | None
    email_verified: bool
    name: FullName | None
    claims: Mapping[str, object]
    enabled: bool
    origin: Origin
    created_at: Time
    updated_at: Time


@document
@dataclass(frozen=True, slots=True)
class UserChange:
    """What changes of a person; what is left out stays. A person who is disabled is signed out everywhere."""

    username: Username | Absent = ABSENT
    email: Email | Absent | None = ABSENT
    email_verified: bool | Absent = ABSENT
    name: Annotated[str, Text(0, 200)] | Absent | None = ABSENT
    claims: Mapping[str, object] | Absent = ABSENT
    enabled: bool | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class NewUser:
    """A person to be made; without a password they cannot sign in with one."""

    username: Username
    email: Email | None = None
    email_verified: bool = False
    name: Name | None = None
    claims: Mapping[str, object] | Absent = ABSENT
    enabled: bool = True
    password: Password | None = field(default=None, repr=False)
    roles: tuple[RoleName, ...] = ()
    groups: tuple[GroupName, ...] = ()


@document
@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password instead of the one that a person has."""

    password: Password = field(repr=False)


@document
@dataclass(frozen=True, slots=True)
class RoleNames:
    """The roles of a person."""

    roles: tuple[RoleName, ...]


@document
@dataclass(frozen=True, slots=True)
class SignedOut:
    """What ended."""

    sessions: int
    grants: int


@document
@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which people."""

    search: Annotated[str, Text(1, 200)] | None = None
    enabled: bool | None = None
    role: RoleName | None = None
    group: UUID | None = None
    order: PersonOrder = PersonOrder.USERNAME


def show(user: DataclassInstance) -> UserDocument:
    """The document of a person."""
    return fill(UserDocument, user)


async def list_users(call: Call) -> Answer:
    """The people of a tenant."""
    query = call.query(UserQuery)
    role = await role_acts.get(call.operator, call.tenant, query.role) if query.role else None
    group = await group_acts.get(call.operator, call.tenant, query.group) if query.group else None
    wanted = PersonFilter(
        query.search, query.enabled, role.id if role else None, group.id if group else None, query.order
    )
    page = await acts.page(call.operator, call.tenant, wanted, call.paging)
    return listed(page, lambda line: fill(UserItem, line))


async def get_user(call: Call) -> Answer:
    """One person."""
    user = await acts.get(call.operator, call.tenant, call.identifier("user"))
    return shown(user, show(user))


async def create_user(call: Call) -> Answer:
    """Make a person."""
    body = call.body(NewUser)
    new = users.new_user(call.tenant.id, body.username, origin=call.operator.origin, now=call.now)
    rest = UserChange(
        email=body.email, email_verified=body.email_verified, name=body.name, claims=body.claims, enabled=body.enabled
    )
    user = _edited(new, rest)
    users.check_user(user)
    hashed = await _hashed(call, body.password) if body.password is not None else None
    user = await acts.add(
        call.operator, call.tenant, user, call.now, password_hash=hashed, role_names=body.roles, group_names=body.groups
    )
    return shown(user, show(user), location=f"/tenants/{call.tenant.slug}/users/{user.id}")


async def change_user(call: Call) -> Answer:
    """Change what is known of a person."""
    body = call.body(UserChange)
    user = await acts.change(
        call.operator,
        call.tenant,
        call.identifier("user"),
        lambda before: _edited(before, body),
        call.now,
        version=call.version,
    )
    return shown(user, show(user))


async def delete_user(call: Call) -> Answer:
    """Remove a person with everything that hangs on them; the audit log keeps their id."""
    await acts.discard(call.operator, call.tenant, call.identifier("user"), call.now, version=call.version)
    return Answer()


async def set_user_password(call: Call) -> Answer:
    """Give a person another password; everything that they are signed in to ends."""
    hashed = await _hashed(call, call.body(NewPassword).password)
    await acts.set_password(call.operator, call.tenant, call.identifier("user"), hashed, call.now)
    return Answer()


async def sign_user_out(call: Call) -> Answer:
    """End every session and every grant of a person."""
    sessions, grants = await acts.sign_out(call.operator, call.tenant, call.identifier("user"), call.now)
    return Answer(SignedOut(sessions, grants))


async def get_user_roles(call: Call) -> Answer:
    """The roles of a person."""
    user = await acts.get(call.operator, call.tenant, call.identifier("user"))
    return Answer(RoleNames(await acts.roles_of(call.operator, call.tenant, user.id)))


async def set_user_roles(call: Call) -> Answer:
    """Give a person exactly these roles."""
    user_id = call.identifier("user")
    await acts.give_roles(call.operator, call.tenant, user_id, call.body(RoleNames).roles, call.now)
    return Answer(RoleNames(await acts.roles_of(call.operator, call.tenant, user_id)))


def _edited(user: User, body: UserChange) -> User:
    # Any: each member was read by the shape of its field.
    changed: dict[str, Any] = given(body)
    return replace(user, **changed)


async def _hashed(call: Call, password: str) -> str:
    check_password(password, shortest=call.tenant.settings.shortest_password)
    return await passwords.hash_password(password)


ALL, ONE = "/tenants/{tenant}/users", "/tenants/{tenant}/users/{user}"
READ, MANAGE = Permission.READ, Permission.MANAGE_USERS
ROUTES = (
    Route("GET", ALL, "listUsers", list_users, READ, UserItem, query=UserQuery, paged=True),
    Route("POST", ALL, "createUser", create_user, MANAGE, UserDocument, NewUser, status=201, refusals=(409,)),
    Route("GET", ONE, "getUser", get_user, READ, UserDocument),
    Route("PATCH", ONE, "changeUser", change_user, MANAGE, UserDocument, UserChange, shows=show, refusals=(409,)),
    Route("DELETE", ONE, "deleteUser", delete_user, MANAGE, shows=show, refusals=(409,)),
    Route("PUT", f"{ONE}/password", "setUserPassword", set_user_password, MANAGE, body=NewPassword),
    Route("POST", f"{ONE}/sign-out", "signUserOut", sign_user_out, MANAGE, SignedOut),
    Route("GET", f"{ONE}/roles", "getUserRoles", get_user_roles, READ, RoleNames),
    Route("PUT", f"{ONE}/roles", "setUserRoles", set_user_roles, MANAGE, RoleNames, RoleNames),
)
