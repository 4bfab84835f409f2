"""Sessions of people, grants of clients, and consents that are remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from server.administration import Permission
from server.administration import grants as grant_acts
from server.administration import sessions as session_acts
from server.api.documents import Time, document, fill
from server.api.routes import Answer, Call, Route, listed
from server.api.shapes import Fault, Text, Unreadable
from server.projections import AccessFilter, ConsentFilter

if TYPE_CHECKING:
    from server.projections import GrantLine

Word = Annotated[str, Text(0, 500)]
Sought = Annotated[str, Text(1, 200)]


@document
@dataclass(frozen=True, slots=True)
class SessionDocument:
    """A person signed in in one browser."""

    id: UUID
    user_id: UUID
    username: Word | None
    auth_time: Time
    acr: Word
    amr: tuple[Word, ...]
    created_at: Time
    last_seen_at: Time
    expires_at: Time
    ended_at: Time | None
    remote_address: Word | None
    user_agent: Word | None


@document
@dataclass(frozen=True, slots=True)
class GrantDocument:
    """What a person allowed a client: where, what, and until when."""

    id: UUID
    user_id: UUID
    username: Word | None
    client: UUID
    client_id: Word | None
    session_id: UUID | None
    scope: tuple[Word, ...]
    resources: tuple[Word, ...]
    offline: bool
    created_at: Time
    last_used_at: Time | None
    expires_at: Time
    revoked_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class ConsentDocument:
    """A permission that is remembered, so that a person is not asked again."""

    user_id: UUID
    username: Word | None
    client: UUID
    client_id: Word | None
    client_name: Word | None
    redirect_origin: Word
    resource: Word | None
    scope: Word | None
    created_at: Time


@document
@dataclass(frozen=True, slots=True)
class SessionQuery:
    """Which sessions: those that last, unless `live` is false, which shows all that are still kept.

    `search` looks into the person and the browser, and for the whole of an address.
    """

    user: UUID | None = None
    since: Time | None = None
    search: Sought | None = None
    live: bool = True


@document
@dataclass(frozen=True, slots=True)
class SessionsToEnd:
    """Which sessions end: see SessionQuery; one of its members must be named."""

    user: UUID | None = None
    since: Time | None = None
    search: Sought | None = None


@document
@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """How many sessions ended; when some are `left`, more fitted than are ended at once: call again."""

    ended: int
    left: bool


@document
@dataclass(frozen=True, slots=True)
class GrantQuery:
    """Which grants: of a person, of a client (by its `id`), or both; one of them must be named."""

    user: UUID | None = None
    client: UUID | None = None
    live: bool = True


@document
@dataclass(frozen=True, slots=True)
class ConsentQuery:
    """Which consents; a client is named by its `id`, a resource by its identifier. `search`: in person and client."""

    user: UUID | None = None
    client: UUID | None = None
    resource: Word | None = None
    since: Time | None = None
    search: Sought | None = None


@document
@dataclass(frozen=True, slots=True)
class ConsentChoice:
    """Whose consent; the client is named by its `id`."""

    user: UUID
    client: UUID


async def list_sessions(call: Call) -> Answer:
    """The sessions of people at their browsers, the newest first."""
    query = call.query(SessionQuery)
    live_at = call.now if query.live else None
    wanted = AccessFilter(query.user, live_at=live_at, since=query.since, search=query.search)
    page = await session_acts.page(call.operator, call.tenant, wanted, call.paging)
    return listed(page, lambda line: fill(SessionDocument, line))


async def end_session(call: Call) -> Answer:
    """End a session, with the grants that were to last as long as it."""
    await session_acts.end(call.operator, call.tenant, call.identifier("session"), call.now)
    return Answer()


async def end_sessions(call: Call) -> Answer:
    """End the sessions that fit, at most 1000 at once, with the grants that were to last as long as they."""
    query = call.query(SessionsToEnd)
    if query == SessionsToEnd():
        raise Unreadable(Fault("?user", "name a user, a time or a search"))
    wanted = AccessFilter(query.user, live_at=call.now, since=query.since, search=query.search)
    ended, left = await session_acts.end_all(call.operator, call.tenant, wanted, call.now)
    return Answer(SessionsEnded(ended, left))


async def list_grants(call: Call) -> Answer:
    """What a person allowed clients, or what people allowed a client, the newest first."""
    query = call.query(GrantQuery)
    if query.user is None and query.client is None:
        raise Unreadable(Fault("?user", "name a user or a client"))
    wanted = AccessFilter(query.user, query.client, call.now if query.live else None)
    return listed(await grant_acts.page(call.operator, call.tenant, wanted, call.paging), _grant)


async def revoke_grant(call: Call) -> Answer:
    """End a grant with everything that was issued from it."""
    await grant_acts.revoke(call.operator, call.tenant, call.identifier("grant"), call.now)
    return Answer()


async def list_consents(call: Call) -> Answer:
    """What people allowed and is remembered, the newest first."""
    query = call.query(ConsentQuery)
    wanted = ConsentFilter(query.user, query.client, query.resource, query.since, query.search)
    page = await grant_acts.consents(call.operator, call.tenant, wanted, call.paging)
    return listed(page, lambda line: fill(ConsentDocument, line, client=line.client_pk))


async def withdraw_consent(call: Call) -> Answer:
    """Forget what a person allowed a client, and end its grants: they will be asked again."""
    query = call.query(ConsentChoice)
    await grant_acts.withdraw(call.operator, call.tenant, query.user, query.client, call.now)
    return Answer()


def _grant(line: GrantLine) -> GrantDocument:
    return fill(GrantDocument, line, client=line.client_pk)


TENANT = "/tenants/{tenant}"
READ, MANAGE = Permission.READ, Permission.MANAGE_USERS
ROUTES = (
    Route(
        "GET", f"{TENANT}/sessions", "listSessions", list_sessions, READ, SessionDocument,
        query=SessionQuery, paged=True,
    ),
    Route(
        "DELETE", f"{TENANT}/sessions", "endSessions", end_sessions, MANAGE, SessionsEnded, query=SessionsToEnd
    ),
    Route("DELETE", f"{TENANT}/sessions/{{session}}", "endSession", end_session, MANAGE),
    Route("GET", f"{TENANT}/grants", "listGrants", list_grants, READ, GrantDocument, query=GrantQuery, paged=True),
    Route("DELETE", f"{TENANT}/grants/{{grant}}", "revokeGrant", revoke_grant, MANAGE),
    Route(
        "GET", f"{TENANT}/consents", "listConsents", list_consents, READ, ConsentDocument,
        query=ConsentQuery, paged=True,
    ),
    Route("DELETE", f"{TENANT}/consents", "withdrawConsent", withdraw_consent, MANAGE, query=ConsentChoice),
)  # fmt: skip
