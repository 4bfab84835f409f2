"""The pages of the audit log, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

EVENTS, LIVE, EXPORT, CHAIN = "", "live", "export", "chain"
TABS = (
    (mark("Events"), EVENTS),
    (mark("Live"), LIVE),
    (mark("Export"), EXPORT),
    (mark("Chain"), CHAIN),
)


def tabs_of(visit: ConsoleVisit, shown: str, query: str = "") -> tuple[tuple[str, str, bool], ...]:
    """Label, uri, whether it is shown; filters go along to where they count."""
    all_uri = visit.uri("audit")
    kept = f"?{query}" if query else ""
    return tuple(
        (label, f"{all_uri}/{path}" if path == CHAIN else f"{all_uri}{'/' if path else ''}{path}{kept}", path == shown)
        for label, path in TABS
    )
