"""The lists of who is signed in, and of what clients may do for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database, lists
from server.kernel.json import load_json

from .listing import Key, Listing, contains
from .people import SEARCH_PERSON, patterns_of_person

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

_SESSIONS = """
SELECT s.id, s.user_id, p.username, s.auth_time, s.acr, s.amr, s.created_at, s.last_seen_at, s.expires_at,
 s.max_expires_at, s.ended_at, s.remote_address, s.user_agent
FROM browser_session s LEFT JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.user_id
"""
_SEARCH_SESSION = rf"({SEARCH_PERSON} OR s.remote_address = ? OR lower(s.user_agent) LIKE ? ESCAPE '\')"
_GRANTS = """
SELECT g.id, g.user_id, p.username, g.client_pk, c.client_id, g.session_id, g.scope, g.resources, g.offline,
 g.created_at, g.redeemed_at, g.rotated_at, g.expires_at, g.revoked_at
FROM access_grant g LEFT JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.user_id
 LEFT JOIN client c ON c.tenant_id = g.tenant_id AND c.id = g.client_pk
"""


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """Whose sessions or grants are shown; what is None is not looked at."""

    user_id: UUID | None = None
    client_pk: UUID | None = None  # sessions belong to no client
    live_at: Instant | None = None  # only what had neither ended nor expired then
    since: Instant | None = None  # only what was begun then or later; of sessions
    search: str | None = None  # in the person, the browser and, as a whole, the address; of sessions


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A person signed in in one browser."""

    id: UUID
    user_id: UUID
    username: str | None  # None: the person is gone
    auth_time: Instant
    acr: str
    amr: tuple[str, ...]
    created_at: Instant
    last_seen_at: Instant
    expires_at: Instant
    max_expires_at: Instant
    ended_at: Instant | None
    remote_address: str | None  # these two of the last sign-in; None: nobody noted them
    user_agent: str | None  # as it was sent

    def lives(self, now: Instant) -> bool:
        """Whether it has neither ended nor expired."""
        return self.ended_at is None and self.expires_at > now


@dataclass(frozen=True, slots=True)
class GrantLine:
    """What a person allowed a client."""

    id: UUID
    user_id: UUID
    username: str | None  # None: the person is gone
    client_pk: UUID
    client_id: str | None  # None: the client is gone
    session_id: UUID | None
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    offline: bool
    created_at: Instant
    redeemed_at: Instant | None
    last_used_at: Instant | None
    expires_at: Instant
    revoked_at: Instant | None


async def list_sessions(tenant_id: UUID, shown: AccessFilter, paging: Paging) -> Page[SessionLine]:
    """A page of sessions, the newest first; raises BadCursor."""
    listing = Listing(_SESSIONS)
    listing.where("s.tenant_id = ?", tenant_id)
    if shown.user_id is not None:
        listing.where("s.user_id = ?", shown.user_id)
    if shown.live_at is not None:
        listing.where("s.ended_at IS NULL AND s.expires_at > ?", shown.live_at)
    if shown.since is not None:
        listing.where("s.created_at >= ?", shown.since)
    if shown.search:
        text = shown.search
        listing.where(_SEARCH_SESSION, *patterns_of_person(text), text.strip(), contains(text.lower()))
    return await listing.page((Key("s.id", "id", UUID),), paging, _session, descending=True)


async def find_session(tenant_id: UUID, session_id: UUID) -> SessionLine | None:
    """One session, over or not."""
    row = await database.row(f"{_SESSIONS} WHERE s.tenant_id = $1 AND s.id = $2", tenant_id, session_id)
    return _session(row) if row else None


async def find_sessions(tenant_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, SessionLine]:
    """Those of these sessions that are still kept, over or not."""
    sql = f"{_SESSIONS} WHERE s.tenant_id = $1 AND s.id {lists.among('$2')}"
    rows = await database.rows(sql, tenant_id, lists.as_argument(session_ids))
    return {line.id: line for line in map(_session, rows)}


async def list_grants(tenant_id: UUID, shown: AccessFilter, paging: Paging) -> Page[GrantLine]:
    """A page of grants, the newest first; raises BadCursor."""
    listing = Listing(_GRANTS)
    listing.where("g.tenant_id = ?", tenant_id)
    if shown.user_id is not None:
        listing.where("g.user_id = ?", shown.user_id)
    if shown.client_pk is not None:
        listing.where("g.client_pk = ?", shown.client_pk)
    if shown.live_at is not None:
        listing.where("g.revoked_at IS NULL AND g.expires_at > ?", shown.live_at)
    # By time, then by id: in the order of ids alone PostgreSQL may walk through the grants of everybody.
    keys = (Key("g.created_at", "created_at", int), Key("g.id", "id", UUID))
    return await listing.page(keys, paging, _grant, descending=True)


def _session(row: Row) -> SessionLine:
    return SessionLine(
        id=database.as_uuid(row["id"]),
        user_id=database.as_uuid(row["user_id"]),
        username=database.as_optional_text(row["username"]),
        auth_time=database.as_int(row["auth_time"]),
        acr=str(row["acr"]),
        amr=tuple(str(row["amr"]).split()),
        created_at=database.as_int(row["created_at"]),
        last_seen_at=database.as_int(row["last_seen_at"]),
        expires_at=database.as_int(row["expires_at"]),
        max_expires_at=database.as_int(row["max_expires_at"]),
        ended_at=database.as_optional_int(row["ended_at"]),
        remote_address=database.as_optional_text(row["remote_address"]),
        user_agent=database.as_optional_text(row["user_agent"]),
    )


def _grant(row: Row) -> GrantLine:
    resources = load_json(str(row["resources"]))
    return GrantLine(
        id=database.as_uuid(row["id"]),
        user_id=database.as_uuid(row["user_id"]),
        username=database.as_optional_text(row["username"]),
        client_pk=database.as_uuid(row["client_pk"]),
        client_id=database.as_optional_text(row["client_id"]),
        session_id=database.as_optional_uuid(row["session_id"]),
        scope=tuple(str(row["scope"]).split()),
        resources=tuple(map(str, resources)) if isinstance(resources, list) else (),
        offline=database.as_bool(row["offline"]),
        created_at=database.as_int(row["created_at"]),
        redeemed_at=database.as_optional_int(row["redeemed_at"]),
        last_used_at=database.as_optional_int(row["rotated_at"]),
        expires_at=database.as_int(row["expires_at"]),
        revoked_at=database.as_optional_int(row["revoked_at"]),
    )
