"""What the runs showed, as a table."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.wrk import CONNECTIONS
from tests.support.node import find_node

if TYPE_CHECKING:
    from bench.contenders import Contender
    from bench.workloads import Workload
    from bench.wrk import Run

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
OURS = "latchkey-postgresql"
PEERS = ("oidc-provider-memory", "oidc-provider-postgresql")


@dataclass(slots=True)
class Results:
    """Every run, by kind of work and contender."""

    rounds: int
    seconds: float
    busy: float = field(default_factory=lambda: os.getloadavg()[0])  # before anything was started
    runs: dict[str, dict[str, list[Run]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    requests_each: dict[str, int] = field(default_factory=dict)
    logins: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
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
        """One run."""
        self.runs[work.name][contender.name].append(run)
        self.requests_each[work.name] = work.requests_each

    def add_login(self, contender: Contender, flows: float, bare: float) -> None:
        """One run of logins: flows and bare hashes per second."""
        self.logins[contender.name].append((flows, bare))

    def rate(self, work: str, name: str) -> float | None:
        """Units of work per second, the median of the rounds."""
        runs = self.runs[work].get(name)
        return median(run.rate for run in runs) / self.requests_each[work] if runs else None

    def ratio(self, work: str, peer: str) -> float | None:
        """How many times the peer's rate ours is, the median of the rounds."""
        ours, theirs = self.runs[work].get(OURS), self.runs[work].get(peer)
        if not ours or not theirs:
            return None
        return median(mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True))


def line(number: int, work: Workload, contender: Contender, run: Run) -> str:
    """One run, for whoever watches."""
    return (
        f"round {number + 1}  {work.name:42} {contender.name:26} {run.rate / work.requests_each:8.0f}/s"
        f"  {run.server_microseconds:6.0f} µs  p50 {run.p50 / 1000:6.1f} ms  p99 {run.p99 / 1000:6.1f} ms"
        f"  errors {run.errors}"
    )


def table(results: Results) -> str:
    """The results in Markdown."""
    names = list(results.cold_starts)
    return "\n".join([_how(results), "", *_speed(results, names), "", *_logins(results), *_memory(results, names), ""])


def write(text: str) -> None:
    """Put the results into bench/README.md."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _how(results: Results) -> str:
    cores = len(os.sched_getaffinity(0))
    node = subprocess.run([find_node(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    postgres = subprocess.run(["psql", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\d+(\.\d+)?", postgres)
    return (
        f'`make bench ARGS="--rounds {results.rounds} --seconds {results.seconds:g}"` on {cores} cores, '
        f"Python {platform.python_version()}, Node {node}; PostgreSQL {version[0] if version else 'unknown'} "
        f"and wrk with {CONNECTIONS} connections on the same machine. "
        f"The load average was {results.busy:.1f} before the run. "
        "Figures are medians of the rounds, a ratio is the median of the rounds' ratios."
    )


def _speed(results: Results, names: list[str]) -> list[str]:
    peers = [peer for peer in PEERS if peer in names and OURS in names]
    head = ["work, units/s", *names, *(f"times {peer}" for peer in peers), "server µs", "p99 ms", "errors"]
    rows = [head, ["---", *("---:" for _ in head[1:])]]
    for work, runs in results.runs.items():
        ours = runs.get(OURS) or next(iter(runs.values()))
        rows.append(
            [
                work,
                *(_number(results.rate(work, name)) for name in names),
                *(_ratio(results.ratio(work, peer)) for peer in peers),
                f"{median(run.server_microseconds for run in ours) * results.requests_each[work]:.0f}",
                f"{median(run.p99 for run in ours) / 1000:.1f}",
                str(sum(run.errors for each in runs.values() for run in each)),
            ]
        )
    return [_row(row) for row in rows]


def _logins(results: Results) -> list[str]:
    if not results.logins:
        return []
    rows = [["password login, whole flow", "flows/s", "bare hashes/s", "share"], ["---", "---:", "---:", "---:"]]
    for name, pairs in results.logins.items():
        flows, bare = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
        share = median(pair[0] / pair[1] for pair in pairs)
        rows.append([name, f"{flows:.1f}", f"{bare:.1f}", f"{share:.0%}"])
    return [*(_row(row) for row in rows), ""]


def _memory(results: Results, names: list[str]) -> list[str]:
    rows = [["", "cold start, s", "memory at rest, MB", "memory after the load, MB"], ["---", "---:", "---:", "---:"]]
    for name in names:
        idle, loaded = results.idle_megabytes[name], results.loaded_megabytes[name]
        rows.append([name, f"{results.cold_starts[name]:.2f}", f"{idle:.0f}", f"{loaded:.0f}"])
    return [_row(row) for row in rows]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
