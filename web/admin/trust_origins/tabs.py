"""The lists about places, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.admin.tabs import tabs_at
from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

ORIGINS, VERDICTS, DOMAINS = "", "verdicts", "domains"
TABS = ((mark("Origins"), ORIGINS), (mark("Verdicts"), VERDICTS), (mark("Domains"), DOMAINS))


def tabs_of(visit: ConsoleVisit, shown: str) -> tuple[tuple[str, str, bool], ...]:
    """Label, uri, whether it is shown."""
    return tabs_at(visit.uri("trust", "origins"), TABS, shown)
