"""What `make bench` found, in Markdown."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from bench.report import machine, markdown
from bench.results import PART

if TYPE_CHECKING:
    from bench.contenders import Contender
    from bench.results import Results
    from bench.workloads import Workload
    from bench.wrk import Run

OURS = "latchkey-postgresql"
SMALL = "latchkey-sqlite"
PEERS = ("oidc-provider-memory", "oidc-provider-postgresql", "django-oauth-toolkit", "authlib")


def line(when: str, work: Workload, contender: Contender, run: Run) -> str:
    """One run, for whoever watches."""
    return (
        f"{when}  {work.name:42} {contender.name:28} {run.rate / work.requests_each:8.0f}/s"
        f"  {run.server_microseconds:7.0f} µs  p50 {run.p50 / 1000:6.1f} ms  p99 {run.p99 / 1000:6.1f} ms"
        + (f"  ERRORS {run.errors}" if run.errors else "")
    )


def all_tables(results: Results) -> str:
    """Everything."""
    errors = [f"**ERRORS: {number} in {what}**\n" for what, number in results.errors().items()]
    how = (
        f'`make bench ARGS="--rounds {results.rounds} --seconds {results.seconds}"`: {machine(results.busy)} '
        "Figures are medians of the rounds, a ratio is the median of the rounds' ratios."
    )
    parts = [_ratios(results), _rates(results), _costs(results), _paced(results), _logins(results), _memory(results)]
    return "\n".join([*errors, how, "", *(row for part in parts for row in part)])


def ratios(results: Results) -> dict[str, dict[str, float]]:
    """By kind of work and peer, for the picture."""
    found = {
        work: {peer: ratio for peer in PEERS if (ratio := results.ratio(work, OURS, peer)) is not None}
        for work in results.runs
    }
    return {work: by_peer for work, by_peer in found.items() if by_peer}


def _ratios(results: Results) -> list[str]:
    names = list(results.cold_starts)
    peers = [peer for peer in PEERS if peer in names and OURS in names]
    if not peers:
        return []
    head = [f"{OURS} is so many times", *peers, f"{SMALL} of it"]
    rows = [
        [
            work,
            *(_ratio(results.ratio(work, OURS, peer)) for peer in peers),
            _ratio(results.ratio(work, SMALL, OURS)),
        ]
        for work in results.runs
    ]
    return markdown([head, *rows])


def _rates(results: Results) -> list[str]:
    names = list(results.cold_starts)
    rows = [[work, *(_number(results.rate(work, name)) for name in names)] for work in results.runs]
    return markdown([["units/s", *names], *rows])


def _costs(results: Results) -> list[str]:
    names = [name for name in (OURS, SMALL) if name in results.cold_starts]
    head = ["at full speed", *(f"{what}, {name}" for name in names for what in ("p50 ms", "p99 ms", "server µs"))]
    rows = []
    for work, runs in results.runs.items():
        each = results.requests_each[work]
        cells = [work]
        for name in names:
            cells += [
                f"{median(run.p50 for run in runs[name]) / 1000:.1f}",
                f"{median(run.p99 for run in runs[name]) / 1000:.1f}",
                f"{median(run.server_microseconds for run in runs[name]) * each:.0f}",
            ]
        rows.append(cells)
    return markdown([head, *rows]) if names else []


def _paced(results: Results) -> list[str]:
    rows = [[f"at {PART:.0%} of its own rate", "contender", "sent/s", "p50 ms", "p99 ms", "p99 is times p50"]]
    for work, by_name in results.paced.items():
        for name, runs in by_name.items():
            p50, p99 = median(run.p50 for run in runs) / 1000, median(run.p99 for run in runs) / 1000
            times = median(run.p99 / max(run.p50, 1) for run in runs)
            sent = median(run.rate for run in runs)
            rows.append([work, name, f"{sent:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{times:.1f}"])
    return markdown(rows) if len(rows) > 1 else []


def _logins(results: Results) -> list[str]:
    rows = [["password login, whole flow", "flows/s", "bare hashes/s", "share", "server ms a flow", "ms a bare hash"]]
    for name, pairs in results.logins.items():
        rates = [median(rate.per_second for rate in each) for each in zip(*pairs, strict=True)]
        share = median(flows.per_second / bare.per_second for flows, bare in pairs)
        costs = [median(rate.milliseconds for rate in each) for each in zip(*pairs, strict=True)]
        rows.append([name, *(f"{rate:.1f}" for rate in rates), f"{share:.0%}", *(f"{cost:.1f}" for cost in costs)])
    return markdown(rows) if len(rows) > 1 else []


def _memory(results: Results) -> list[str]:
    rows = [["", "cold start, s", "memory at rest, MB", "memory after the load, MB"]]
    for name, cold_start in results.cold_starts.items():
        idle, loaded = results.idle_megabytes[name], results.loaded_megabytes[name]
        rows.append([name, f"{cold_start:.2f}", f"{idle:.0f}", f"{loaded:.0f}"])
    return markdown(rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
