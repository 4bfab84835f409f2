"""`make soak`: a mixture of work at 70 % of what is reached, for minutes, while the system is being worked on."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import click

from bench import mixture, pictures, report
from bench.__main__ import check_wrk
from bench.chores import Chores
from bench.contenders import install_latchkey, serve_latchkey
from bench.results import PART
from bench.wrk import Load
from tests.support.databases import postgresql_cluster

if TYPE_CHECKING:
    from bench.wrk import Run

SETTLED = 2.0  # minutes until caches and pools have filled
FLAT = 1.1  # at the end at most so many times the memory of the third minute
MILLISECOND = 1000


@click.command()
@click.option("--seconds", default=600, show_default=True, help="How long the whole load takes.")
@click.option("--segment", default=60, show_default=True, help="How long each line of the table is.")
@click.option("--ceiling-seconds", default=10, show_default=True, help="How long the ceiling is looked for.")
@click.option("--workers", default=1, show_default=True, help="Workers of the server.")
@click.option("--write", is_flag=True, help="Write the table into bench/README.md and pictures into bench/results.")
def main(seconds: int, segment: int, ceiling_seconds: int, workers: int, *, write: bool) -> None:
    """Load Latchkey on PostgreSQL at 70 % of its ceiling."""
    check_wrk()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="latchkey-soak-") as name, postgresql_cluster() as cluster:
        folder = Path(name)
        installation = install_latchkey(folder / "latchkey", asyncio.run(cluster.create_database()))
        with serve_latchkey(installation, "latchkey", workers) as contender:
            ceiling = mixture.run(Load(contender, folder, ceiling_seconds))
            click.echo(f"ceiling: {ceiling.rate:,.0f} requests/s, errors {ceiling.errors}", err=True)
            chores = Chores(installation, contender)
            chores.start()
            try:
                runs = _go_on(Load(contender, folder, segment, PART * ceiling.rate), seconds // segment)
            finally:
                chores.stop()
            left = chores.left()
    problems = _problems(ceiling, runs, chores)
    head = f'`make soak ARGS="--seconds {seconds} --workers {workers}"`: {report.machine(busy)}'
    text = "\n".join([head, "", *_summary(ceiling, chores, left, problems), *_minutes(runs), *_done(chores)])
    click.echo(text)
    if write:
        report.write("soak", text)
        _draw(runs, chores, segment)
    report.end_loudly(problems)


def _go_on(load: Load, segments: int) -> list[Run]:
    runs = []
    for number in range(segments):
        run = mixture.run(load)
        runs.append(run)
        click.echo(
            f"segment {number + 1} of {segments}: {run.rate:,.0f} requests/s of {load.per_second:,.0f}, "
            f"p50 {run.p50 / MILLISECOND:.1f} ms, p99 {run.p99 / MILLISECOND:.1f} ms, errors {run.errors}",
            err=True,
        )
    return runs


def _problems(ceiling: Run, runs: list[Run], chores: Chores) -> dict[str, int]:
    found = {f"segment {number}": run.errors for number, run in enumerate(runs, start=1)}
    found["the run for the ceiling"] = ceiling.errors
    found.update(dict.fromkeys(chores.failures, 1))
    if _growth(chores) > FLAT:
        found[f"memory: {_growth(chores):.2f} times what it was after {SETTLED:g} minutes"] = 1
    return {what: number for what, number in found.items() if number}


def _growth(chores: Chores) -> float:
    """The memory of the last minute as times that of the one after the start has settled; 1 for short runs."""
    end = chores.memory[-1][0]
    early = [size for minute, size in chores.memory if SETTLED <= minute < SETTLED + 1]
    late = [size for minute, size in chores.memory if minute > end - 1]
    return mean(late) / mean(early) if early and end > SETTLED + 1 else 1.0


def _summary(ceiling: Run, chores: Chores, left: int, problems: dict[str, int]) -> list[str]:
    sizes = [size for _, size in chores.memory]
    told = (
        f"The ceiling of the mixture was {ceiling.rate:,.0f} requests/s, {ceiling.server_microseconds:.0f} µs of the "
        f"server each. Memory was {sizes[0]:.0f} MB at first, {max(sizes):.0f} MB at most and {sizes[-1]:.0f} MB "
        f"at the end, {_growth(chores):.2f} times what it was after {SETTLED:g} minutes. "
        f"Of {chores.aged:,} rows that were made old, sweeping has left {left:,}."
    )
    return [*(f"**ERRORS: {number} in {what}**\n" for what, number in problems.items()), told, ""]


def _minutes(runs: list[Run]) -> list[str]:
    rows = [["segment", "requests", "requests/s", "p50 ms", "p99 ms", "p99 is times p50", "server µs", "errors"]]
    for number, run in enumerate(runs, start=1):
        rows.append(
            [
                str(number),
                f"{run.requests:,}",
                f"{run.rate:,.0f}",
                f"{run.p50 / MILLISECOND:.2f}",
                f"{run.p99 / MILLISECOND:.2f}",
                f"{run.p99 / max(run.p50, 1):.1f}",
                f"{run.server_microseconds:.0f}",
                str(run.errors),
            ]
        )
    return report.markdown(rows)


def _done(chores: Chores) -> list[str]:
    rows = [["beside it", "times", "mean s", "worst s"]]
    for name, seconds in chores.done.items():
        rows.append([name, str(len(seconds)), f"{mean(seconds):.1f}", f"{max(seconds):.1f}"])
    return report.markdown(rows)


def _draw(runs: list[Run], chores: Chores, segment: int) -> None:
    memory = {"memory of the server": chores.memory}
    report.draw("soak-memory", pictures.lines("soak: memory", "minutes", "MB", memory))
    minutes = [(number + 0.5) * segment / 60 for number in range(len(runs))]
    latency = {
        "p50": [(minute, run.p50 / MILLISECOND) for minute, run in zip(minutes, runs, strict=True)],
        "p99": [(minute, run.p99 / MILLISECOND) for minute, run in zip(minutes, runs, strict=True)],
    }
    report.draw("soak-latency", pictures.lines("soak: latency", "minutes", "ms", latency))


if __name__ == "__main__":
    main()
