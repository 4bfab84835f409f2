"""What the page of the installation shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import ids
from server.kernel.clock import SECOND
from web.foreign_text import MAX_LINE_LENGTH, plain

if TYPE_CHECKING:
    from server.administration.health import Verdict
    from server.projections import DeadJob, JobCount, ScheduleRun
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """One check; what it says is the program's own English, as `latchkey doctor` has it."""

    name: str
    is_well: bool
    says: str


@dataclass(frozen=True, slots=True)
class CountEntry:
    """Jobs of one kind in one state."""

    kind: str
    state: str
    total: str
    oldest: str


@dataclass(frozen=True, slots=True)
class RunEntry:
    """The last run of a schedule."""

    name: str
    when: str
    took: str
    error: str | None


@dataclass(frozen=True, slots=True)
class DeadEntry:
    """A job that was given up."""

    kind: str
    attempts: str
    error: str
    given_up: str
    retry_uri: str


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """What this process remembers of one kind, and how often that was of use."""

    topic: str
    entries: str
    looks: str
    share: str


@dataclass(frozen=True, slots=True)
class LimitEntry:
    """How often one address may ask something in a minute, and the setting that says so; `is_set`: the platform did."""

    name: str
    setting: str
    per_minute: str  # empty: as often as it likes
    is_set: bool
    refused: str
    last: str


@dataclass(frozen=True, slots=True)
class RateLimitsSection:
    """The limits in force: those that tenants may set otherwise, and those of the platform. `counted` is in English."""

    is_on: bool
    counted: str
    limits: tuple[LimitEntry, ...]
    api_path: str
    api_body: str


@dataclass(frozen=True, slots=True)
class SystemPage:
    """How the installation is. `facts` are label in English and value."""

    is_well: bool
    checks: tuple[CheckEntry, ...]
    counts: tuple[CountEntry, ...]
    runs: tuple[RunEntry, ...]
    dead: tuple[DeadEntry, ...]
    more_dead_uri: str | None
    facts: tuple[tuple[str, str], ...]
    caches: tuple[CacheEntry, ...]
    rates: RateLimitsSection


def check_entry(verdict: Verdict) -> CheckEntry:
    """One check."""
    return CheckEntry(verdict.name.replace("_", " "), verdict.is_well, plain(verdict.says, MAX_LINE_LENGTH))


def count_entry(visit: ConsoleVisit, count: JobCount) -> CountEntry:
    """One kind in one state."""
    say = visit.language
    return CountEntry(count.kind, count.state.value, say.number(count.total), say.time(count.oldest_created_at))


def run_entry(visit: ConsoleVisit, run: ScheduleRun) -> RunEntry:
    """One schedule."""
    seconds = (run.finished_at - run.started_at) / SECOND
    return RunEntry(run.name, visit.language.time(run.started_at), f"{seconds:.2f} s", run.error)


def dead_entry(visit: ConsoleVisit, job: DeadJob) -> DeadEntry:
    """One dead letter."""
    return DeadEntry(
        kind=job.kind,
        attempts=visit.language.number(job.attempts),
        error=plain(job.error, MAX_LINE_LENGTH),
        given_up=visit.language.time(job.given_up_at),
        retry_uri=f"/admin/system/jobs/{ids.to_short(job.id)}/retry",
    )
