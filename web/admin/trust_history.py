"""What was last decided about places and done with domains, as it stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.projections import About
from web.admin.history import last_changes

if TYPE_CHECKING:
    from web.admin.history import HistoryEntry
    from web.admin.visit import ConsoleVisit

VERDICTS = ("trust_verdict.set", "trust_verdict.removed")
DECISIONS = (*VERDICTS, "trust_hold.settled")
OF_DOMAINS = ("trust_domain.claimed", "trust_domain.verified", "trust_domain.removed")
TOLD = ("judgement", "state", "host", "client_id", "redirect_uri")


async def verdicts_given(visit: ConsoleVisit) -> tuple[HistoryEntry, ...]:
    """What was last said of any place, and taken back."""
    return await last_changes(visit, About(events=VERDICTS), *TOLD)


async def decided_at(visit: ConsoleVisit, origin: str) -> tuple[HistoryEntry, ...]:
    """What was last decided about an origin: verdicts, and rows of the inbox that were settled."""
    return await last_changes(visit, About(events=DECISIONS, detail=("origin", origin)), *TOLD)


async def done_with_domains(visit: ConsoleVisit, domain: str | None = None) -> tuple[HistoryEntry, ...]:
    """What was last done with one domain, or with any of them."""
    detail = None if domain is None else ("domain", domain)
    return await last_changes(visit, About(events=OF_DOMAINS, detail=detail), "domain", "method")
