"""Events of the audit log as the console shows them beside what they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from server import users
from server.administration import activity
from server.audit import Outcome
from server.kernel.clock import SECOND
from server.kernel.paging import Paging
from server.projections import Happening
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.audit import AuditEntry
    from server.kernel.json import JsonValue
    from server.projections import About
    from web.admin.visit import ConsoleVisit

AT_MOST = Paging(8)
NOTHING = "-"
MASK = "•••"
SECRET = re.compile("(secret|password|private_key)$", re.IGNORECASE)
COMMAND_LINE = mark("at the command line")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was changed."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event."""

    event: str
    iso: str
    when: str
    actor: str
    failed: bool
    changes: tuple[Change, ...]
    person: str = ""  # whom it happened to, where the page does not say so already


async def last_changes(
    visit: ConsoleVisit, about: About, *told: str, with_people: bool = False
) -> tuple[HistoryEntry, ...]:
    """The last events about something, with who caused them by name. One query, and people from the cache.

    `told` are the details that say what the name of the event leaves open, such as which way was decided.
    """
    found = (await activity.page(visit.operator, visit.tenant, about, AT_MOST)).items
    entries = zip(await entries_of(visit, found), found, strict=True)
    return tuple(
        [
            replace(
                entry,
                event=" ".join((entry.event, *_told(happening, told))),
                person=await _person(visit, happening) if with_people else "",
            )
            for entry, happening in entries
        ]
    )


async def entries_of(visit: ConsoleVisit, happenings: tuple[Happening, ...]) -> tuple[HistoryEntry, ...]:
    """Events as they are shown."""
    return tuple([await _entry(visit, happening) for happening in happenings])


def happening_of(entry: AuditEntry) -> Happening:
    """An event that was searched for, as one of those that `entries_of` takes."""
    actor, failed = entry.actor, entry.outcome is Outcome.FAILURE
    return Happening(
        entry.id, entry.occurred_at, entry.event, failed, actor.kind.value, actor.id, entry.subject_id, entry.details
    )


async def _entry(visit: ConsoleVisit, happening: Happening) -> HistoryEntry:
    return HistoryEntry(
        event=happening.event,
        iso=datetime.fromtimestamp(happening.occurred_at // SECOND, UTC).isoformat(),
        when=visit.language.time(happening.occurred_at),
        actor=await _actor(visit, happening),
        failed=happening.failed,
        changes=changes_of(happening.details.get("changes")),
    )


async def _actor(visit: ConsoleVisit, happening: Happening) -> str:
    kind, name = happening.actor_kind, happening.actor_id
    if kind == "system":
        return f"{plain(name, MAX_NAME_LENGTH)} {visit.language.say(COMMAND_LINE)}" if name else "Latchkey"
    if kind == "client" or name is None:
        return ""
    tenant = visit.site.system if kind == "administrator" else visit.tenant
    person = await users.find(tenant.id, UUID(name))
    return plain(person.username if person else name, MAX_NAME_LENGTH)


def _told(happening: Happening, names: tuple[str, ...]) -> list[str]:
    return [plain(str(said), MAX_LINE_LENGTH) for name in names if (said := happening.details.get(name)) is not None]


async def _person(visit: ConsoleVisit, happening: Happening) -> str:
    if happening.subject_id is None:
        return ""
    person = await users.find(visit.tenant.id, happening.subject_id)
    return plain(person.username if person else str(happening.subject_id), MAX_NAME_LENGTH)


def changes_of(changes: JsonValue) -> tuple[Change, ...]:
    """The fields that an event says were changed; what is called a secret is masked, should one ever stand there."""
    if not isinstance(changes, dict):
        return ()
    return tuple(
        Change(name, MASK, MASK) if SECRET.search(name) else Change(name, _text(pair[0]), _text(pair[1]))
        for name, pair in changes.items()
        if isinstance(pair, list) and len(pair) == 2  # noqa: PLR2004 - before and after
    )


def _text(value: JsonValue) -> str:
    if isinstance(value, list):
        return plain(", ".join(map(str, value)), MAX_LINE_LENGTH) or NOTHING
    return plain(NOTHING if value is None else str(value), MAX_LINE_LENGTH)
