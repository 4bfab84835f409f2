"""What the pages of a tenant's settings show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration.finding import version_of
from server.tenants import SYSTEM_SLUG
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.tenants import Tenant
    from web.admin.forms import ConfirmForm, VersionedForm
    from web.admin.history import HistoryEntry
    from web.admin.settings.forms import PlaceForm
    from web.admin.trust_origins.contexts import DomainEntry
    from web.admin.visit import ConsoleVisit

GENERAL, DANGER = "", "danger"
_TABS = (
    (mark("General"), ("settings",), Permission.READ),
    (mark("Domains"), ("settings", "domains"), Permission.READ),
    (mark("Lifetimes"), ("settings", "lifetimes"), Permission.READ),
    (mark("Registration"), ("settings", "registration"), Permission.READ),
    (mark("Rate limits"), ("settings", "rate-limits"), Permission.READ),
    (mark("Manifest"), ("settings", "manifest"), Permission.READ),
    (mark("Administrators"), ("administrators",), Permission.MANAGE_ADMINISTRATORS),
    (mark("Danger zone"), ("settings", DANGER), Permission.MANAGE_TENANTS),
)


@dataclass(frozen=True, slots=True)
class SettingsHead:
    """What stands above every page of settings."""

    name: str
    slug: str
    enabled: bool
    uri: str
    api_path: str
    version: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class SectionPage:
    """Some settings, and what was last changed of them."""

    head: SettingsHead
    form: VersionedForm
    facts: tuple[tuple[str, str], ...]  # label in English, value
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class DomainsPage:
    """Which domains are the tenant's, and where its issuer is."""

    head: SettingsHead
    domains: tuple[DomainEntry, ...]
    domains_uri: str
    issuer: str
    form: PlaceForm
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class ManifestPage:
    """The tenant as a file."""

    head: SettingsHead
    download_uri: str


@dataclass(frozen=True, slots=True)
class DangerPage:
    """Disabling and removing the tenant."""

    head: SettingsHead
    confirm: ConfirmForm
    confirm_error: str = ""


def head_of(visit: ConsoleVisit, shown: str = GENERAL) -> SettingsHead:
    """The head of a page; `shown` is the tab's path."""
    tenant, here = visit.tenant, ("settings", shown) if shown else ("settings",)
    is_ours = tenant.slug == SYSTEM_SLUG
    return SettingsHead(
        name=name_of(tenant),
        slug=tenant.slug,
        enabled=tenant.enabled,
        uri=visit.uri("settings"),
        api_path=visit.api(),
        version=version_of(tenant),
        may_manage=visit.may(Permission.MANAGE_SETTINGS) and not is_ours,
        tabs=tuple((label, visit.uri(*parts), parts == here) for label, parts, needs in _TABS if visit.may(needs)),
    )


def name_of(tenant: Tenant) -> str:
    """What to call a tenant."""
    return plain(tenant.display_name, MAX_NAME_LENGTH) or tenant.slug
