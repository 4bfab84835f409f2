"""Every run of `make bench`, and what the runs of several rounds come to."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.contenders import Contender
    from bench.logins import Rate
    from bench.workloads import Workload
    from bench.wrk import Run

PART = 0.7  # of what was reached, for latencies at a load that leaves some room
Runs = dict[str, dict[str, list["Run"]]]


def _no_runs() -> Runs:
    return defaultdict(lambda: defaultdict(list))


@dataclass(slots=True)
class Results:
    """Runs by kind of work and contender."""

    rounds: int
    seconds: int
    busy: float = field(default_factory=lambda: os.getloadavg()[0])  # before anything was started
    runs: Runs = field(default_factory=_no_runs)
    paced: Runs = field(default_factory=_no_runs)
    requests_each: dict[str, int] = field(default_factory=dict)
    logins: dict[str, list[tuple[Rate, Rate]]] = field(default_factory=lambda: defaultdict(list))
    cold_starts: dict[str, float] = field(default_factory=dict)
    idle_megabytes: dict[str, float] = field(default_factory=dict)
    loaded_megabytes: dict[str, float] = field(default_factory=dict)

    def note_start(self, contender: Contender) -> None:
        """How soon it answered, and how much memory it takes before any load."""
        self.cold_starts[contender.name] = contender.cold_start
        self.idle_megabytes[contender.name] = contender.resident_megabytes()

    def note_end(self, contender: Contender) -> None:
        """How much memory it takes after all the load."""
        self.loaded_megabytes[contender.name] = contender.resident_megabytes()

    def add(self, work: Workload, contender: Contender, run: Run) -> None:
        """One run at full speed."""
        self.runs[work.name][contender.name].append(run)
        self.requests_each[work.name] = work.requests_each

    def add_paced(self, work: Workload, contender: Contender, run: Run) -> None:
        """One run at a part of it."""
        self.paced[work.name][contender.name].append(run)

    def add_login(self, contender: Contender, flows: Rate, bare: Rate) -> None:
        """One run of logins, and of bare hashes beside it."""
        self.logins[contender.name].append((flows, bare))

    def rate(self, work: str, name: str) -> float | None:
        """Units of work per second, the median of the rounds."""
        runs = self.runs[work].get(name)
        return median(run.rate for run in runs) / self.requests_each[work] if runs else None

    def requests_per_second(self, work: Workload, contender: Contender) -> float:
        """The same in requests, of work that was done."""
        return median(run.rate for run in self.runs[work.name][contender.name])

    def ratio(self, work: str, ours: str, peer: str) -> float | None:
        """How many times the peer's rate ours is, the median of the rounds."""
        mine, theirs = self.runs[work].get(ours), self.runs[work].get(peer)
        if not mine or not theirs:
            return None
        return median(one.rate / (other.rate or 1) for one, other in zip(mine, theirs, strict=True))

    def errors(self) -> dict[str, int]:
        """Refusals and broken connections, by contender and kind of work, where there were any."""
        found: dict[str, int] = defaultdict(int)
        for runs in (self.runs, self.paced):
            for work, by_name in runs.items():
                for name, each in by_name.items():
                    found[f"{name}, {work}"] += sum(run.errors for run in each)
        return {what: number for what, number in found.items() if number}
