"""What the pages of administrators show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.roles import AdminRole
from web.admin.administrators.choosing import suggested
from web.admin.administrators.place import ROLES, api_of, uri_of
from web.admin.client.contexts import secret_entries
from web.admin.visit import uri_in
from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.administration.administrators import Administrator
    from server.clients import Client
    from server.projections import MembershipLine
    from web.admin.administrators.forms import NewAdministratorForm, NewServiceAccountForm, RoleForm
    from web.admin.client.contexts import SecretEntry
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class MembershipEntry:
    """One role of one administrator. Without a tenant it is the platform's. `is_last`: nobody can take it."""

    name: str
    uri: str
    is_service: bool
    enabled: bool
    role: str
    tenant: str
    since: str
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class AdministratorsPage:
    """Who administers, a line for each role."""

    memberships: tuple[MembershipEntry, ...]
    list: ListFrame
    is_platform: bool
    has_one_owner: bool
    new_uri: str | None
    new_service_uri: str | None
    api_path: str


@dataclass(frozen=True, slots=True)
class NewAdministratorPage:
    """The form of a new one; of a service account where it has no username."""

    form: NewAdministratorForm | NewServiceAccountForm
    tenants: tuple[tuple[str, str], ...]  # that are suggested
    is_service: bool
    uri: str
    list_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says of what was just done: a secret shown once, or why something could not be done, in English."""

    fresh: str | None = field(default=None, repr=False)
    error: str = ""
    confirm_error: str = ""


@dataclass(frozen=True, slots=True)
class AdministratorPage:
    """One administrator: roles, and for a program its secrets."""

    name: str
    client_id: str | None
    enabled: bool
    uri: str
    list_uri: str
    person_uri: str | None
    api_path: str
    memberships: tuple[MembershipEntry, ...]
    roles: tuple[tuple[str, str], ...]
    form: RoleForm
    tenants: tuple[tuple[str, str], ...]  # that are suggested
    secrets: tuple[SecretEntry, ...]
    may_add_secret: bool
    may_remove: bool
    is_last_owner: bool
    said: Said


def name_of(line: MembershipLine) -> str:
    """What to call an administrator."""
    return plain(line.username or line.client_id, MAX_NAME_LENGTH)


def membership_entry(visit: ConsoleVisit, line: MembershipLine, *, is_last: bool = False) -> MembershipEntry:
    """One line."""
    return MembershipEntry(
        name=name_of(line),
        uri=uri_of(visit, line.user_id),
        is_service=line.username is None,
        enabled=line.enabled,
        role=line.role.value,
        tenant=line.tenant or "",
        since=visit.language.date(line.created_at),
        is_last=is_last,
    )


async def administrator_page(
    visit: ConsoleVisit, known: Administrator, account: Client | None, form: RoleForm, said: Said
) -> AdministratorPage:
    """The page of one; `account` is the client of a service account that is the operator's to manage."""
    line = known.held[0]
    is_person = line.username is not None
    owns_system = visit.operator.owns_platform and is_person
    return AdministratorPage(
        name=name_of(line),
        client_id=line.client_id,
        enabled=line.enabled,
        uri=uri_of(visit, line.user_id),
        list_uri=uri_of(visit),
        person_uri=uri_in(visit.site.system.slug, "users", line.user_id) if owns_system else None,
        api_path=api_of(visit, "administrators"),
        memberships=tuple(membership_entry(visit, one, is_last=one in known.guarded) for one in known.held),
        roles=ROLES,
        form=form,
        tenants=await suggested(visit, form),
        secrets=secret_entries(visit, account) if account else (),
        may_add_secret=account is not None,
        may_remove=account is not None or (is_person and visit.tenant_named is None),
        is_last_owner=any(one.role is AdminRole.PLATFORM_OWNER for one in known.guarded),
        said=said,
    )
