"""What the list of clients shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.clients import ClientSource, ClientState
from server.kernel import ids
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.projections import ClientLine
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit

SOURCES = {
    ClientSource.ADMIN: mark("Registered by an administrator"),
    ClientSource.DYNAMIC: mark("Registered itself"),
    ClientSource.METADATA_DOCUMENT: mark("By its metadata document"),
}

STATES = {
    ClientState.ACTIVE: mark("let be"),
    ClientState.QUARANTINED: mark("held"),
    ClientState.BLOCKED: mark("blocked"),
    ClientState.PROMOTED: mark("answered for"),
}


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """One client in the list."""

    id: str
    uri: str
    name: str
    client_id: str
    kind: str
    source: str
    enabled: bool
    state: str | None  # in English, of clients that registered themselves
    created: str
    last_used: str | None


@dataclass(frozen=True, slots=True)
class ClientsPage:
    """The list; `tabs` are label, uri, whether it is shown."""

    clients: tuple[ClientEntry, ...]
    list: ListFrame
    tabs: tuple[tuple[str, str, bool], ...]
    create_uri: str | None
    api_path: str


def client_entry(visit: ConsoleVisit, line: ClientLine) -> ClientEntry:
    """One line; what the client calls itself is cleaned here."""
    used = line.last_used_at or line.last_granted_at
    return ClientEntry(
        id=ids.to_short(line.id),
        uri=visit.uri("clients", line.id),
        name=plain(line.client_name, MAX_NAME_LENGTH) or line.client_id,
        client_id=line.client_id,
        kind=line.application_type.value,
        source=SOURCES[line.source],
        enabled=line.enabled,
        state=None if line.source is ClientSource.ADMIN else STATES[line.state],
        created=visit.language.date(line.created_at),
        last_used=visit.language.date(used) if used else None,
    )
