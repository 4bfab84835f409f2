"""The audit log as a stream of text: JSON Lines, or CSV (RFC 4180) that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel.clock import SECOND
from server.kernel.json import dump_json

from . import search_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from .records import AuditEntry, Filters

BATCH = 250  # read at a time, and held in memory: between two of them others have their turn
FIELDS = (
    "id", "time", "event", "outcome", "actor_kind", "actor_id", "subject_id", "client_pk", "grant_id",
    "remote_address", "user_agent", "correlation_id", "details",
)  # fmt: skip
# Of an entry, besides what is written otherwise there.
_MEMBERS = (
    "event", "outcome", "actor", "subject_id", "client_pk", "grant_id", "remote_address", "user_agent",
    "correlation_id", "details",
)  # fmt: skip
# What makes a spreadsheet calculate; the last four are full-width: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Format(StrEnum):
    """How it is written."""

    JSONL = "jsonl"
    CSV = "csv"


async def export(tenant_id: UUID, filters: Filters, form: Format) -> AsyncIterator[tuple[int, str]]:
    """The events that fit, oldest first, in pieces: how many events a piece has, and its text."""
    if form is Format.CSV:
        yield 0, _csv([FIELDS])
    last: UUID | None = None
    while entries := await search_store.list_after(tenant_id, filters, last, BATCH):
        yield len(entries), _written(entries, form)
        last = entries[-1].id


def as_json(entry: AuditEntry) -> Mapping[str, object]:
    """An event as others read it: in exports, from the API, and from webhooks."""
    values = {name: getattr(entry, name) for name in _MEMBERS}
    members = {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}
    time, actor = as_time(entry.occurred_at), {"kind": entry.actor.kind.value, "id": entry.actor.id}
    return {"id": str(entry.id), "time": time, **members, "actor": actor}


def as_time(instant: int) -> str:
    """An instant as RFC 3339 writes it."""
    return datetime.fromtimestamp(instant / SECOND, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written(entries: Iterable[AuditEntry], form: Format) -> str:
    if form is Format.JSONL:
        return "".join(dump_json(as_json(entry)) + "\n" for entry in entries)
    return _csv([[_cell(value) for value in _values(entry)] for entry in entries])


def _values(entry: AuditEntry) -> list[object]:
    return [
        entry.id, as_time(entry.occurred_at), entry.event, entry.outcome, entry.actor.kind, entry.actor.id,
        entry.subject_id, entry.client_pk, entry.grant_id, entry.remote_address, entry.user_agent,
        entry.correlation_id, dump_json(entry.details),
    ]  # fmt: skip


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
