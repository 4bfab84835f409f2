"""What the overview shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel.clock import DAY
from web.admin.charts import Chart, bars_of
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from web.admin.history import HistoryEntry
    from web.localization import Language

DAYS = 14

# What is counted together under one name.
SERIES = (
    ("sign-ins", mark("Sign-ins"), ("login.succeeded",)),
    ("failures", mark("Failed sign-ins"), ("login.failed", "client_authentication.failed")),
    ("tokens", mark("Tokens"), ("token.issued", "token.refreshed")),
    ("clients", mark("New clients"), ("client.registered", "client.created")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A first step of a new tenant. Title and sentence are in English."""

    title: str
    sentence: str
    icon: str
    uri: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something that waits for somebody to decide; in English."""

    text: str
    uri: str


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The overview. Steps are shown until all of them are done."""

    issuer: str
    api_path: str
    charts: tuple[Chart, ...]
    steps: tuple[Step, ...]
    decisions: tuple[Awaited, ...]
    history: tuple[HistoryEntry, ...]


def charts_of(counted: Mapping[str, tuple[int, ...]], since: Instant, language: Language) -> tuple[Chart, ...]:
    """The series, each as a chart of the last days."""
    days = tuple(language.day(since + day * DAY) for day in range(DAYS))
    return tuple(_chart(name, label, _sum(counted, events), days, language) for name, label, events in SERIES)


def _sum(counted: Mapping[str, tuple[int, ...]], events: tuple[str, ...]) -> tuple[int, ...]:
    nothing = (0,) * DAYS
    return tuple(sum(pair) for pair in zip(*(counted.get(event, nothing) for event in events), strict=True))


def _chart(name: str, label: str, counts: tuple[int, ...], days: tuple[str, ...], language: Language) -> Chart:
    numbers = tuple(language.number(count) for count in counts)
    return Chart(name, label, language.number(sum(counts)), bars_of(counts, days, numbers), days[0], days[-1])
