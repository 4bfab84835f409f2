"""What the URL of the audit log asks for, and which events that means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server import audit
from server.administration import audit_names
from server.audit import Filters, Outcome
from server.kernel import ids
from server.kernel.clock import DAY, HOUR, LATEST, SECOND
from server.kernel.paging import BadCursor
from web.admin.listing import Filter, read_list
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from server.administration import Operator
    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from web.admin.listing import ListQuery
    from web.admin.visit import ConsoleVisit

    Find = Callable[[Operator, Tenant, str], Awaitable[UUID | None]]

OUTCOMES = (("", mark("all")), ("success", mark("success")), ("failure", mark("failure")))
PERIODS = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY}
WITHIN = (
    ("", mark("any time")),
    ("hour", mark("the last hour")),
    ("day", mark("the last 24 hours")),
    ("week", mark("the last 7 days")),
    ("month", mark("the last 30 days")),
)
NO_SUCH_PERSON = mark("Nobody here has this username, address or id.")
NO_SUCH_CLIENT = mark("No client here has this client_id or id.")
NO_SUCH_TIME = mark("A time is written like 2026-11-25T17:30, in UTC.")


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What was asked. `problems` are sentences about what names nothing: then nothing is found."""

    list: ListQuery
    filters: Filters
    problems: tuple[str, ...]
    cursor: UUID | None

    @property
    def query(self) -> str:
        """The filters as the URL has them, in one order."""
        return urlencode({found.name: found.value for found in self.list.filters if found.value})

    @property
    def api_query(self) -> str:
        """The same as the API has it: by ids, and from `?` on where there is anything."""
        asked = self.filters
        values = {
            "event": asked.event,
            "outcome": asked.outcome,
            "actor": asked.actor_id,
            "client": asked.client_pk,
            "subject": asked.subject_id,
            "address": asked.remote_address,
            "correlation": asked.correlation_id,
            "since": audit.as_time(asked.since) if asked.since else None,
            "until": audit.as_time(asked.until) if asked.until else None,
        }
        given = urlencode({name: str(value) for name, value in values.items() if value is not None})
        return f"?{given}" if given else ""


async def read_filters(visit: ConsoleVisit) -> LogQuery:
    """The filters in the URL; raises BadCursor."""
    asked = read_list(visit, *_fields())
    person = await _find(audit_names.find_person, visit, asked.value("person"))
    client = await _find(audit_names.find_client, visit, asked.value("client"))
    since, until = _time(asked.value("from")), _time(asked.value("until"))
    read = (
        ("person", person, NO_SUCH_PERSON),
        ("client", client, NO_SUCH_CLIENT),
        ("from", since, NO_SUCH_TIME),
        ("until", until, NO_SUCH_TIME),
    )
    period = PERIODS.get(asked.value("within") or "")
    outcome = asked.value("outcome")
    filters = Filters(
        event=asked.value("event"),
        outcome=Outcome(outcome) if outcome else None,
        actor_id=await _actor(visit, asked.value("actor")),
        client_pk=client,
        subject_id=person,
        remote_address=asked.value("address"),
        correlation_id=asked.value("correlation"),
        since=since if period is None else max(since or 0, visit.now - period),
        until=until,
    )
    problems = dict.fromkeys(sentence for name, found, sentence in read if asked.value(name) and found is None)
    return LogQuery(asked, filters, tuple(problems), _cursor(asked.paging.cursor))


def event_options() -> tuple[tuple[str, str], ...]:
    """Every event by name, after the group that it belongs to; a group of one is none."""
    names = sorted(kind.name for kind in audit.event_types().values())
    groups = [name.partition(".")[0] for name in names]
    options = [(name, name) for name in names]
    options += [(f"{group}.*", f"{group}.*") for group in set(groups) if groups.count(group) > 1]
    return (("", mark("all")), *sorted(options))


def _fields() -> tuple[Filter, ...]:
    return (
        Filter("event", mark("Event"), event_options()),
        Filter("outcome", mark("Outcome"), OUTCOMES),
        Filter("within", mark("When"), WITHIN),
        Filter("actor", mark("Who did it")),
        Filter("person", mark("Person")),
        Filter("client", mark("Client")),
        Filter("from", mark("From (UTC)"), type="datetime-local"),
        Filter("until", mark("Until (UTC)"), type="datetime-local"),
        Filter("address", mark("Address")),
        Filter("correlation", mark("Correlation id")),
    )


async def _find(find: Find, visit: ConsoleVisit, text: str | None) -> UUID | None:
    return None if text is None else await find(visit.operator, visit.tenant, text)


async def _actor(visit: ConsoleVisit, text: str | None) -> str | None:
    if text is None:
        return None
    return await audit_names.find_actor(visit.operator, visit.tenant, visit.site.system, text)


def _time(text: str | None) -> Instant | None:
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    instant = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()) * SECOND
    # By its offset, a time of the year 9999 may be after it.
    return max(0, instant) if instant <= LATEST else None


def _cursor(text: str | None) -> UUID | None:
    if text is None:
        return None
    found = ids.from_short(text)
    if found is None:
        raise BadCursor("no id of an event")
    return found
