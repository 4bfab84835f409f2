"""`make bench`: run every contender in turn under the same load, several rounds, and print ratios.

Only ratios of one run mean anything: machines change from hour to hour.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click

from bench import decisions, logins, peers, pictures, report, tables
from bench.contenders import Contender, latchkey
from bench.results import PART, Results
from bench.workloads import WORKLOADS, Workload
from bench.wrk import Load
from tests.support.databases import postgresql_cluster

KINDS = {
    "latchkey-postgresql": (latchkey, True),
    "latchkey-sqlite": (latchkey, False),
    "oidc-provider-memory": (peers.oidc_provider, False),
    "oidc-provider-postgresql": (peers.oidc_provider, True),
    "django-oauth-toolkit": (peers.django_oauth_toolkit, True),
    "django-oauth-toolkit-hashed": (peers.django_oauth_toolkit_hashed, True),
    "authlib": (peers.authlib, True),
}
SETTLING_SECONDS = 2  # what password hashes needed is given back a second after the last one


@click.command()
@click.option("--rounds", default=2, show_default=True, help="How often every contender does every kind of work.")
@click.option("--seconds", default=2, show_default=True, help="How long each run takes.")
@click.option("--only", multiple=True, help="Part of the name of a kind of work; may be repeated.")
@click.option("--contender", "names", multiple=True, type=click.Choice(list(KINDS)), help="May be repeated.")
@click.option("--write", is_flag=True, help="Write the tables into bench/README.md and the picture into bench/results.")
def main(rounds: int, seconds: int, only: tuple[str, ...], names: tuple[str, ...], *, write: bool) -> None:
    """Measure Latchkey beside its peers."""
    check_wrk()
    chosen = [work for work in WORKLOADS if not only or any(part in work.name for part in only)]
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder:
        results = Results(rounds, seconds)
        contenders = _start(stack, Path(folder), names or tuple(KINDS))
        for contender in contenders:
            results.note_start(contender)
        for number in range(rounds):
            _round(number, contenders, chosen, Path(folder), results)
        ours = [contender for contender in contenders if contender.name.startswith("latchkey")]
        _pace(ours, chosen, Path(folder), results)
        if not only or any(part in "login" for part in only):
            _logins(ours, results)
        time.sleep(SETTLING_SECONDS)
        for contender in contenders:
            results.note_end(contender)
    text = tables.all_tables(results)
    if not only or any(part in "trust decision" for part in only):
        text = "\n".join([text, *decisions.all_tables()])
    click.echo(text)
    if write:
        report.write("results", text)
        report.draw("ratios", pictures.bars("times the rate of each peer, logarithmic", tables.ratios(results)))
    report.end_loudly(results.errors())


def check_wrk() -> None:
    """Make sure that there is a load generator."""
    if shutil.which("wrk") is None:
        raise click.ClickException("wrk is not installed: apt-get install wrk")


def _start(stack: ExitStack, folder: Path, names: tuple[str, ...]) -> list[Contender]:
    cluster = stack.enter_context(postgresql_cluster())
    contenders = []
    for name in names:
        kind, on_postgresql = KINDS[name]
        url = asyncio.run(cluster.create_database()) if on_postgresql else None
        contenders.append(stack.enter_context(kind(name, folder / name, url)))
    return contenders


def _round(number: int, contenders: list[Contender], works: list[Workload], folder: Path, results: Results) -> None:
    for work in works:
        # Whoever comes first in one round comes last in the next.
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            if work.suits(contender):
                run = work.run(Load(contender, folder, results.seconds))
                results.add(work, contender, run)
                click.echo(tables.line(f"round {number + 1}", work, contender, run), err=True)


def _pace(contenders: list[Contender], works: list[Workload], folder: Path, results: Results) -> None:
    """Each kind of work once more, at a part of the rate that the contender reached."""
    for work in (work for work in works if work.paced):
        for contender in contenders:
            pace = PART * results.requests_per_second(work, contender)
            for _ in range(results.rounds):
                run = work.run(Load(contender, folder, results.seconds, pace))
                results.add_paced(work, contender, run)
                click.echo(tables.line(f"at {PART:.0%} ", work, contender, run), err=True)


def _logins(contenders: list[Contender], results: Results) -> None:
    for _ in range(results.rounds):
        for contender in contenders:
            # Side by side in time, since the bare hash depends on the hour as much as the flow does.
            bare = logins.hashes(results.seconds)
            flows = logins.flows(contender, results.seconds)
            results.add_login(contender, flows, bare)
            rates = f"{flows.per_second:.1f}/s of {bare.per_second:.1f} bare hashes/s"
            click.echo(f"login {contender.name}: {rates}, {flows.milliseconds:.1f} ms of the server", err=True)


if __name__ == "__main__":
    main()
