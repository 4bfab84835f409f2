"""What the pages of the policy show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.kernel.clock import format_duration
from web.admin.tabs import tabs_at
from web.localization import mark

if TYPE_CHECKING:
    from server.trust import PolicyVersion
    from web.admin.history import HistoryEntry
    from web.admin.trust_policy.forms import EditorForm, TextForm
    from web.admin.trust_policy.reading import Differences, RuleEntry
    from web.admin.visit import ConsoleVisit

RULES, TEXT, VERSIONS = "", "text", "versions"
TABS = ((mark("Rules"), RULES), (mark("As text"), TEXT), (mark("Versions"), VERSIONS))


@dataclass(frozen=True, slots=True)
class PolicyHead:
    """What stands above every page of the policy; `tabs` are label, uri, whether it is shown."""

    version: int
    uri: str
    edit_uri: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]
    api_path: str


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """The policy in force."""

    head: PolicyHead
    rules: tuple[RuleEntry, ...]
    confirm: int
    hold: int
    remember: str
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class EditorPage:
    """A draft: what it says, the rule that is being written, and what would change. `focus` names a button."""

    head: PolicyHead
    form: EditorForm
    rules: tuple[RuleEntry, ...]
    differences: Differences
    focus: str = ""


@dataclass(frozen=True, slots=True)
class TextPage:
    """The whole policy as text."""

    head: PolicyHead
    form: TextForm


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One version in the list."""

    version: int
    uri: str
    when: str
    author: str
    rules: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """Every version."""

    head: PolicyHead
    versions: tuple[VersionEntry, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version, and what differs between it and another, the older one first."""

    head: PolicyHead
    version: VersionEntry
    before: int
    after: int
    others: tuple[int, ...]
    differences: Differences
    text: str
    restore_uri: str | None
    api_path: str


def head_of(visit: ConsoleVisit, in_force: PolicyVersion, shown: str | None = RULES) -> PolicyHead:
    """The head of a page; `shown` is the tab's path."""
    uri = visit.uri("trust", "policy")
    return PolicyHead(
        version=in_force.version,
        uri=uri,
        edit_uri=f"{uri}/edit",
        may_manage=visit.may(Permission.MANAGE_SETTINGS),
        tabs=tabs_at(uri, TABS, shown),
        api_path=visit.api("trust", "policy"),
    )


def remembered(version: PolicyVersion) -> str:
    """For how long confirmations are remembered, as it is typed."""
    return format_duration(version.policy.remember_confirmations)
