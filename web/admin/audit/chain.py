"""The chain of the audit log: how far it has come, whether it holds, and a checkpoint to be kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.administration import Permission, audit_log, audit_verification
from server.audit import NoChain
from server.endpoints.wire import WireResponse
from server.kernel.clock import SECOND
from web.admin.audit.tabs import CHAIN, tabs_of
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark
from web.requests import attachment

if TYPE_CHECKING:
    from server.administration.audit_verification import Verification
    from server.kernel.clock import Instant
    from web.admin.visit import ConsoleVisit

LONGEST_CHECKPOINT = 4000
INTERRUPTED = mark("The verification did not come to an end. Begin it again.")
OUTCOMES = {
    "holds": mark("The chain holds: nothing was changed, removed, inserted or reordered."),
    "broken": mark("The chain is broken. Keep the database as it is, and find out who could write to it."),
    "foreign": mark("The checkpoint is none of this chain. Look whether it is the tenant's, and complete."),
    "failed": INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class VerificationPart:
    """How a verification went or goes. `sentence` is in English."""

    running: bool
    holds: bool
    sentence: str
    why: str
    when: str
    done: str
    total: str


@dataclass(frozen=True, slots=True)
class ChainPage:
    """How far the chain has come; times are those of the last seal and checkpoint."""

    tabs: tuple[tuple[str, str, bool], ...]
    seals: str
    events: str
    unsealed: str
    sealed_at: str | None
    checkpoint: str
    checkpoint_at: str | None
    kept_since: str | None
    verification: VerificationPart | None
    uri: str
    api_path: str


async def chain(visit: ConsoleVisit) -> WireResponse:
    """How far the chain has come."""
    status = await audit_log.chain_status(visit.operator, visit.tenant)
    last = await audit_verification.find(visit.operator, visit.tenant)
    number = visit.language.number
    page = ChainPage(
        tabs=tabs_of(visit, CHAIN),
        seals=number(status.seals),
        events=number(status.events),
        unsealed=number(status.unsealed),
        sealed_at=_moment(visit, status.last_sealed_at),
        checkpoint=number(status.checkpoint),
        checkpoint_at=_moment(visit, status.last_checkpoint_at),
        kept_since=_moment(visit, status.kept_since),
        verification=_verification(visit, last) if last else None,
        uri=visit.uri("audit", "chain"),
        api_path=visit.api("audit", "chain"),
    )
    return draw(visit, "admin/audit/chain.html", page)


async def verify(visit: ConsoleVisit) -> WireResponse:
    """Have the chain verified, against a checkpoint that was kept elsewhere where one was given."""
    exported = visit.form.get("checkpoint", "").strip()[:LONGEST_CHECKPOINT] or None
    begun = await audit_verification.begin(visit.operator, visit.tenant, exported, visit.now)
    return done(visit, visit.uri("audit", "chain"), "begun" if begun else "unchanged")


async def checkpoint(visit: ConsoleVisit) -> WireResponse:
    """A signed checkpoint of all that is sealed, as a file."""
    try:
        signed = await audit_log.checkpoint(visit.operator, visit.tenant, visit.now)
    except NoChain:
        # The page says that nothing has been sealed yet.
        return done(visit, visit.uri("audit", "chain"), "unchanged")
    moment = datetime.fromtimestamp(visit.now // SECOND, UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = attachment(f"{visit.tenant.slug}-{moment}.checkpoint", "application/jose")
    return WireResponse(200, headers, f"{signed}\n".encode())


def _verification(visit: ConsoleVisit, last: Verification) -> VerificationPart:
    running = last.progress.is_under_way(visit.now)
    return VerificationPart(
        running=running,
        holds=last.outcome == "holds",
        sentence="" if running else OUTCOMES[last.outcome or "failed"],
        why=plain(last.why, MAX_LINE_LENGTH),
        when=visit.language.moment(last.progress.seen_at),
        done=visit.language.number(last.progress.done),
        total=visit.language.number(last.progress.total),
    )


def _moment(visit: ConsoleVisit, instant: Instant | None) -> str | None:
    return None if instant is None else visit.language.moment(instant)


ROWS = (
    shows("/t/<tenant>/audit/chain", chain),
    does("/t/<tenant>/audit/chain/verify", verify, Permission.READ),
    does("/t/<tenant>/audit/chain/checkpoint", checkpoint, Permission.READ),
)
