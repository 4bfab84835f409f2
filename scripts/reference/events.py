"""docs/reference/audit-events.md: every event that is ever recorded."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from scripts.reference import markdown
from server import audit
from server.audit import administration_events

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTRODUCTION = """\
Every event stands in `audit_event`, written in the transaction in which it happened, with the tenant, the
time, the actor, the correlation id, the address and the user agent (its first 300 characters) of the request.
`subject_id` (the person concerned), `client_pk` and `grant_id` are columns; the other fields are the event's
details. Persons stand in it by id only.
"""


# The events of administration register themselves when their module is loaded.
_MODULES = (audit, administration_events)


def page() -> str:
    """The page."""
    rows = [
        (f"`{kind.name}`", kind.outcome.value, markdown.summary(event), _fields(event))
        for event, kind in sorted(audit.event_types().items(), key=lambda item: item[1].name)
    ]
    return (
        markdown.head("Audit events", _INTRODUCTION)
        + "\n"
        + markdown.table(("event", "outcome", "what happened", "fields"), rows)
    )


def _fields(event: type) -> str:
    fields: Sequence[dataclasses.Field[object]] = dataclasses.fields(event)
    return ", ".join(f"`{field.name}`" for field in fields)
