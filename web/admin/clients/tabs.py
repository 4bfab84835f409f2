"""The lists of clients, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.admin.tabs import tabs_at
from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

APPLICATIONS, DYNAMIC, DOCUMENTS, TOKENS = "", "dynamic", "documents", "tokens"
TABS = (
    (mark("Applications"), APPLICATIONS),
    (mark("Dynamic"), DYNAMIC),
    (mark("Metadata documents"), DOCUMENTS),
    (mark("Initial access tokens"), TOKENS),
)


def tabs_of(visit: ConsoleVisit, shown: str) -> tuple[tuple[str, str, bool], ...]:
    """Label, uri, whether it is shown."""
    return tabs_at(visit.uri("clients"), TABS, shown)
