"""What the pages of one client have in common, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration.finding import version_of
from server.clients import ClientSource, ClientState
from server.kernel import ids
from server.protocol.redirect_uris import is_loopback, is_private_use
from server.tenants import SYSTEM_SLUG, Origin
from web.admin.tabs import tabs_at
from web.admin.trust_words import DecisionEntry, decision_entry
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.clients import Client
    from server.trust import Decision
    from web.admin.access import GrantEntry
    from web.admin.client.forms import RedirectUrisForm, ScopesForm, SettingsForm
    from web.admin.forms import ConfirmForm
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit

TABS = (
    (mark("Overview"), ""),
    (mark("Settings"), "settings"),
    (mark("Redirect URIs"), "redirect-uris"),
    (mark("Credentials"), "credentials"),
    (mark("Scopes and consent"), "scopes"),
    (mark("Sessions and grants"), "grants"),
    (mark("Activity"), "activity"),
    (mark("Try it"), "try"),
    (mark("Evaluate"), "evaluate"),
)

DECISIONS = (
    (ClientState.ACTIVE, mark("Let it be: it may do what strangers may, and goes when nobody uses it.")),
    (ClientState.QUARANTINED, mark("Hold it: it may do nothing until you decide, and its grants wait.")),
    (ClientState.BLOCKED, mark("Block it: it may do nothing, and its grants end now.")),
    (ClientState.PROMOTED, mark("Answer for it: as if you had registered it yourself.")),
)


@dataclass(frozen=True, slots=True)
class ClientHead:
    """What stands above every page of a client; `tabs` are label, uri, whether it is shown."""

    name: str
    client_id: str
    uri: str
    list_uri: str
    api_path: str
    enabled: bool
    source: str
    version: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What a client is, and what was last done to it."""

    head: ClientHead
    facts: tuple[tuple[str, str], ...]  # label in English, value
    decisions: tuple[tuple[str, str, bool], ...]  # state, what choosing it means in English, whether it is the state
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Names, links, kind; and removing the client."""

    head: ClientHead
    form: SettingsForm
    confirm: ConfirmForm
    confirm_error: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A redirect URI, what kind it is in English, and what the trust policy says of it now."""

    uri: str
    kind: str
    decision: DecisionEntry
    simulate_uri: str


@dataclass(frozen=True, slots=True)
class RedirectUrisPage:
    """Where people may be sent."""

    head: ClientHead
    form: RedirectUrisForm
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """A secret, of which nobody knows the text any more."""

    id: str
    created: str
    expires: str | None


@dataclass(frozen=True, slots=True)
class CredentialsPage:
    """How a client proves who it is. `fresh` is the text of a secret that was just made, shown once."""

    head: ClientHead
    method: str
    has_secrets: bool
    secrets: tuple[SecretEntry, ...]
    may_add: bool
    fresh: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScopesPage:
    """What a client may ask for, and whether people are asked."""

    head: ClientHead
    form: ScopesForm


@dataclass(frozen=True, slots=True)
class GrantsPage:
    """Who allowed the client what."""

    head: ClientHead
    grants: tuple[GrantEntry, ...]
    list: ListFrame
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """What happened with the client."""

    head: ClientHead
    entries: tuple[HistoryEntry, ...]
    list: ListFrame
    log_uri: str


def head_of(visit: ConsoleVisit, client: Client, shown: str = "") -> ClientHead:
    """The head of a page; `shown` is the tab's path."""
    is_ours = client.origin is Origin.BUILT_IN or visit.tenant.slug == SYSTEM_SLUG
    uri = visit.uri("clients", client.id)
    return ClientHead(
        name=name_of(client),
        client_id=client.client_id,
        uri=uri,
        list_uri=visit.uri("clients"),
        api_path=visit.api("clients", client.id),
        enabled=client.enabled,
        source=client.source.value,
        version=version_of(client),
        may_manage=visit.may(Permission.MANAGE_CLIENTS) and not is_ours,
        tabs=tabs_at(uri, TABS, shown),
    )


def name_of(client: Client) -> str:
    """What to call a client."""
    return plain(client.metadata.client_name, MAX_NAME_LENGTH) or client.client_id


def facts_of(visit: ConsoleVisit, client: Client) -> tuple[tuple[str, str], ...]:
    """What is worth knowing at a glance."""
    metadata = client.metadata
    ceiling = mark("May ask for") if client.source is ClientSource.ADMIN else mark("Asks for by default")
    return (
        (mark("Kind"), metadata.application_type.value),
        (mark("Authentication"), metadata.token_endpoint_auth_method.value),
        (mark("Grant types"), ", ".join(metadata.grant_types)),
        (ceiling, " ".join(client.scope)),
        (mark("Redirect URIs"), "\n".join(metadata.redirect_uris)),
        (mark("Registered"), visit.language.time(client.created_at)),
    )


def decisions_of(client: Client) -> tuple[tuple[str, str, bool], ...]:
    """What can be decided about a client that nobody here registered."""
    if client.source is ClientSource.ADMIN:
        return ()
    return tuple((state.value, sentence, state is client.state) for state, sentence in DECISIONS)


def place_of(visit: ConsoleVisit, client: Client, uri: str, decision: Decision) -> Place:
    """A redirect URI and what is decided about it."""
    simulate_uri = visit.uri("trust", "simulator", redirect_uri=uri, client_id=client.client_id)
    return Place(uri, _kind_of(uri), decision_entry(decision), simulate_uri)


def _kind_of(uri: str) -> str:
    if is_loopback(uri):
        return mark("this device")
    return mark("an app on the device") if is_private_use(uri) else mark("web site")


def secret_entries(visit: ConsoleVisit, client: Client) -> tuple[SecretEntry, ...]:
    """The secrets of a client."""
    say = visit.language.time
    return tuple(
        SecretEntry(
            ids.to_short(known.id), say(known.created_at), None if known.expires_at is None else say(known.expires_at)
        )
        for known in client.secrets
    )
