"""What the pages of one person have in common, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration.finding import version_of
from web.admin.tabs import tabs_at
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.users import User
    from web.admin.access import GrantEntry, SessionEntry
    from web.admin.forms import ConfirmForm
    from web.admin.groups.pages import GroupEntry
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.user.forms import GroupsForm, PasswordForm, ProfileForm, RolesForm
    from web.admin.visit import ConsoleVisit

TABS = (
    (mark("Profile"), ""),
    (mark("Credentials"), "credentials"),
    (mark("Groups"), "groups"),
    (mark("Roles"), "roles"),
    (mark("Sessions"), "sessions"),
    (mark("Grants"), "grants"),
    (mark("Activity"), "activity"),
)


@dataclass(frozen=True, slots=True)
class UserHead:
    """What stands above every page of a person; `tabs` are label, uri, whether it is shown."""

    name: str
    username: str
    sub: str
    uri: str
    list_uri: str
    api_path: str
    enabled: bool
    version: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Who it is, and what was last done to them."""

    head: UserHead
    form: ProfileForm
    history: tuple[HistoryEntry, ...]
    confirm: ConfirmForm
    confirm_error: str = ""


@dataclass(frozen=True, slots=True)
class CredentialsPage:
    """How they prove who they are. `fresh` is a password that was just made, shown once."""

    head: UserHead
    form: PasswordForm
    has_password: bool
    fresh: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class RolesPage:
    """What they are to the tenant's applications, of themselves and besides by their groups."""

    head: UserHead
    form: RolesForm
    by_groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """What they are in, and what they are to be put into."""

    head: UserHead
    groups: tuple[GroupEntry, ...]
    list: ListFrame
    form: GroupsForm
    api_path: str


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """Where they are signed in."""

    head: UserHead
    sessions: tuple[SessionEntry, ...]
    list: ListFrame


@dataclass(frozen=True, slots=True)
class GrantsPage:
    """What they allowed."""

    head: UserHead
    grants: tuple[GrantEntry, ...]
    list: ListFrame


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """What happened with them."""

    head: UserHead
    entries: tuple[HistoryEntry, ...]
    list: ListFrame
    log_uri: str


def head_of(visit: ConsoleVisit, user: User, shown: str = "") -> UserHead:
    """The head of a page; `shown` is the tab's path."""
    uri = visit.uri("users", user.id)
    return UserHead(
        name=name_of(user),
        username=user.username,
        sub=user.sub,
        uri=uri,
        list_uri=visit.uri("users"),
        api_path=visit.api("users", user.id),
        enabled=user.enabled,
        version=version_of(user),
        may_manage=visit.may(Permission.MANAGE_USERS),
        tabs=tabs_at(uri, TABS, shown),
    )


def name_of(user: User) -> str:
    """What to call a person."""
    return plain(user.name, MAX_NAME_LENGTH) or plain(user.username, MAX_NAME_LENGTH)
