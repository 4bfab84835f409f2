"""The audit log: searched, taken along as a stream, followed as it grows, and its chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from server import audit
from server.administration import Permission, audit_log, streams
from server.administration.audit_log import LONGEST_TAIL
from server.administration.finding import found
from server.api.documents import Time, document, fill
from server.api.routes import Answer, Call, Route, listed
from server.api.shapes import Text, Whole
from server.audit import ActorKind, Filters, Format, Outcome
from server.kernel import clock
from server.kernel.clock import SECOND
from server.kernel.json import dump_json
from server.kernel.paging import Page, decode_id, encode_cursor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from server.audit import AuditEntry

EVENT_STREAM = "text/event-stream"
MEDIA_TYPES = {Format.JSONL: "application/jsonl", Format.CSV: "text/csv"}
STILL_HERE = ":\n\n"  # a comment, so that both ends see that the other is there
Word = Annotated[str, Text(1, 200)]
Count = Annotated[int, Whole()]


@document
@dataclass(frozen=True, slots=True)
class AuditActor:
    """Who acted; for an operating-system user the id is a name."""

    kind: ActorKind
    id: Word | None


@document
@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What happened. People, clients and grants stand in it by id; clients by their `id`."""

    id: UUID
    time: Time
    event: Annotated[str, Text(1, 100, "login.failed")]
    outcome: Outcome
    actor: AuditActor
    subject_id: UUID | None
    client_pk: UUID | None
    grant_id: UUID | None
    remote_address: Word | None
    user_agent: Annotated[str, Text(0, 500)] | None
    correlation_id: Word | None
    details: Mapping[str, object]


@document
@dataclass(frozen=True, slots=True)
class AuditChain:
    """How far the chain has come. `checkpoint` is the number of the seal that the last checkpoint follows."""

    seals: Count
    events: Count
    last_sealed_at: Time | None
    last_checkpoint_at: Time | None
    checkpoint: Count
    kept_since: Time | None
    unsealed: Count


@document
@dataclass(frozen=True, slots=True)
class AuditCheckpoint:
    """A signed statement of all that is sealed, to be kept elsewhere (a compact JWS)."""

    checkpoint: Annotated[str, Text(1, 4000)]


@document
@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which events: all that is given must fit. `since` and `until` go by when they were recorded."""

    event: Annotated[str, Text(1, 100, "login.failed")] | None = None
    outcome: Outcome | None = None
    actor: Word | None = None
    client: UUID | None = None
    subject: UUID | None = None
    address: Annotated[str, Text(1, 64)] | None = None
    correlation: Word | None = None
    since: Time | None = None
    until: Time | None = None


@document
@dataclass(frozen=True, slots=True)
class AuditExportQuery(AuditQuery):
    """Which events, and how they are written."""

    format: Format = Format.JSONL


@document
@dataclass(frozen=True, slots=True)
class AuditTailQuery(AuditQuery):
    """Which events, and for how long they are waited for."""

    seconds: Annotated[int, Whole(0, LONGEST_TAIL // SECOND)] = LONGEST_TAIL // SECOND


async def list_events(call: Call) -> Answer:
    """Events, the newest first."""
    paging = call.paging
    cursor = decode_id(paging.cursor)
    filters = _filters(call.query(AuditQuery))
    page = await audit_log.search(call.operator, call.tenant, filters, cursor, paging.limit)
    return listed(Page(page.entries, encode_cursor((page.cursor,)) if page.cursor else None), show)


async def get_event(call: Call) -> Answer:
    """One event."""
    return Answer(show(found(await audit_log.find(call.operator, call.tenant, call.identifier("event")))))


async def export_events(call: Call) -> Answer:
    """The events that fit, the oldest first, as a stream. That somebody takes them along is audited."""
    query = call.query(AuditExportQuery)
    return Answer(pieces=_exported(call, _filters(query), query.format), media_type=MEDIA_TYPES[query.format])


async def tail_events(call: Call) -> Answer:
    """New events as they are recorded: server-sent events, for an hour at most, and while the token lasts."""
    return Answer(pieces=_tailed(call, call.query(AuditTailQuery)), media_type=EVENT_STREAM)


async def get_chain(call: Call) -> Answer:
    """How far the chain of this tenant has come."""
    return Answer(fill(AuditChain, await audit_log.chain_status(call.operator, call.tenant)))


async def sign_checkpoint(call: Call) -> Answer:
    """Seal what is new, and sign a checkpoint to be kept elsewhere: only against one does a cut end show."""
    return Answer(AuditCheckpoint(await audit_log.checkpoint(call.operator, call.tenant, call.now)))


def show(entry: AuditEntry) -> AuditEvent:
    """The document of an event."""
    return fill(AuditEvent, entry, time=entry.occurred_at, actor=fill(AuditActor, entry.actor))


def _filters(query: AuditQuery) -> Filters:
    return Filters(
        event=query.event,
        outcome=query.outcome,
        actor_id=query.actor,
        client_pk=query.client,
        subject_id=query.subject,
        remote_address=query.address,
        correlation_id=query.correlation,
        since=query.since,
        until=query.until,
    )


async def _exported(call: Call, filters: Filters, form: Format) -> AsyncGenerator[str, None]:
    with streams.place(call.operator, call.tenant, call.readmit) as place:
        async for _, text in audit_log.export(call.operator, call.tenant, filters, form, call.now):
            await place.check()
            yield text


async def _tailed(call: Call, query: AuditTailQuery) -> AsyncGenerator[str, None]:
    """Each event as https://html.spec.whatwg.org/multipage/server-sent-events.html has it."""
    ends_at = call.now + query.seconds * SECOND
    with streams.place(call.operator, call.tenant, call.readmit) as place:
        async for entries in audit_log.tail(call.operator, call.tenant, _filters(query), call.now):
            if not await place.goes_on():
                return
            yield "".join(map(_told, entries)) or STILL_HERE
            if clock.now() >= ends_at:
                return


def _told(entry: AuditEntry) -> str:
    return f"id: {entry.id}\nevent: {entry.event}\ndata: {dump_json(audit.as_json(entry))}\n\n"


AUDIT = "/tenants/{tenant}/audit"
READ = Permission.READ
ROUTES = (
    Route("GET", f"{AUDIT}/events", "listAuditEvents", list_events, READ, AuditEvent, query=AuditQuery, paged=True),
    Route("GET", f"{AUDIT}/events/{{event}}", "getAuditEvent", get_event, READ, AuditEvent),
    Route(
        "GET", f"{AUDIT}/export", "exportAuditEvents", export_events, READ, query=AuditExportQuery,
        streams=tuple(MEDIA_TYPES.values()),
    ),
    Route(
        "GET", f"{AUDIT}/tail", "tailAuditEvents", tail_events, READ, query=AuditTailQuery, streams=(EVENT_STREAM,)
    ),
    Route("GET", f"{AUDIT}/chain", "getAuditChain", get_chain, READ, AuditChain),
    Route(
        "POST", f"{AUDIT}/checkpoints", "signAuditCheckpoint", sign_checkpoint, READ, AuditCheckpoint,
        status=201, refusals=(409,),
    ),
)  # fmt: skip
