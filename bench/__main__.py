"""`make bench`: run every contender in turn under the same load, several rounds, and print ratios.

Only ratios of one run mean anything: machines change from hour to hour.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from bench import logins, report
from bench.contenders import Contender, latchkey, oidc_provider
from bench.workloads import WORKLOADS, Workload
from tests.support.databases import postgresql_cluster

KINDS = {
    "latchkey-postgresql": (latchkey, True),
    "latchkey-sqlite": (latchkey, False),
    "oidc-provider-memory": (oidc_provider, False),
    "oidc-provider-postgresql": (oidc_provider, True),
}


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often every contender does every kind of work.")
@click.option("--seconds", default=4.0, show_default=True, help="How long each run takes.")
@click.option("--only", multiple=True, help="Part of the name of a kind of work; may be repeated.")
@click.option("--contender", "names", multiple=True, type=click.Choice(list(KINDS)), help="May be repeated.")
@click.option("--write", is_flag=True, help="Write the table into bench/README.md.")
def main(rounds: int, seconds: float, only: tuple[str, ...], names: tuple[str, ...], *, write: bool) -> None:
    """Measure Latchkey beside node oidc-provider."""
    if shutil.which("wrk") is None:
        raise click.ClickException("wrk is not installed: apt-get install wrk")
    chosen = [work for work in WORKLOADS if not only or any(part in work.name for part in only)]
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder:
        results = report.Results(rounds, seconds)
        contenders = _start(stack, Path(folder), names or tuple(KINDS))
        for contender in contenders:
            results.note_start(contender)
        for number in range(rounds):
            _round(number, contenders, chosen, Path(folder), results)
        if not only or any(part in "login" for part in only):
            _logins(contenders, results)
        for contender in contenders:
            results.note_end(contender)
    text = report.table(results)
    click.echo(text)
    if write:
        report.write(text)


def _start(stack: ExitStack, folder: Path, names: tuple[str, ...]) -> list[Contender]:
    cluster = stack.enter_context(postgresql_cluster())
    contenders = []
    for name in names:
        kind, on_postgresql = KINDS[name]
        url = asyncio.run(cluster.create_database()) if on_postgresql else None
        contenders.append(stack.enter_context(kind(name, folder / name, url)))
    return contenders


def _round(
    number: int, contenders: list[Contender], works: list[Workload], folder: Path, results: report.Results
) -> None:
    for work in works:
        # Whoever comes first in one round comes last in the next.
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            run = work.load(contender, folder, results.seconds)
            results.add(work, contender, run)
            click.echo(report.line(number, work, contender, run), err=True)


def _logins(contenders: list[Contender], results: report.Results) -> None:
    for _ in range(results.rounds):
        for contender in contenders:
            if contender.name.startswith("latchkey"):
                # Side by side in time, since the bare hash depends on the hour as much as the flow does.
                bare = logins.hashes_per_second(results.seconds)
                flows = asyncio.run(logins.flows_per_second(contender, results.seconds))
                results.add_login(contender, flows, bare)
                click.echo(f"login {contender.name}: {flows:.1f}/s of {bare:.1f} bare hashes/s", err=True)


if __name__ == "__main__":
    main()
