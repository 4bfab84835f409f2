"""`make bench-growth`: what changes with the number of tenants, of people and of workers. PostgreSQL throughout."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import logins, pictures, report, visits
from bench.__main__ import check_wrk
from bench.contenders import PEOPLE, install_latchkey, serve_latchkey
from bench.figures import Growth, turned
from bench.multiply import add_people, add_tenants
from bench.stock import refresh_tokens
from bench.workloads import STOCK, WORKLOADS
from bench.wrk import THREADS, Load
from tests.support.databases import postgresql_cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.contenders import Contender
    from tests.support.databases import PostgresqlServer
    from tests.support.processes import Installation

SOME_PEOPLE = 32
COLD = 40  # tenants whose first request is timed
SHARED = ("client_credentials", "refresh", "introspection", "discovery")


@click.command()
@click.option("--seconds", default=3, show_default=True, help="How long each run takes.")
@click.option("--tenants", multiple=True, type=int, default=(1, 1_000, 10_000), show_default=True)
@click.option("--people", multiple=True, type=int, default=(1_000, 1_000_000), show_default=True)
@click.option("--workers", multiple=True, type=int, default=(1, 2), show_default=True)
@click.option("--part", "parts", multiple=True, type=click.Choice(["tenants", "people", "workers"]), help="Only this.")
@click.option("--write", is_flag=True, help="Write tables into bench/README.md and pictures into bench/results.")
def main(
    seconds: int,
    tenants: tuple[int, ...],
    people: tuple[int, ...],
    workers: tuple[int, ...],
    parts: tuple[str, ...],
    *,
    write: bool,
) -> None:
    """Measure how Latchkey grows."""
    check_wrk()
    growth = Growth(seconds)
    measures: dict[str, Callable[[Place], None]] = {
        "tenants": lambda place: _tenants(place, growth, sorted(tenants)),
        "people": lambda place: _people(place, growth, sorted(people)),
        "workers": lambda place: _workers(place, growth, sorted(workers)),
    }
    with tempfile.TemporaryDirectory(prefix="latchkey-growth-") as folder, postgresql_cluster() as cluster:
        for part in parts or measures:
            measures[part](Place(cluster, Path(folder) / part))
    text = growth.text()
    click.echo(text)
    if write:
        report.write("growth", text)
        for kind, by_size in growth.figures.items():
            report.draw(f"growth-{kind}", pictures.columns(f"growth in {kind}", turned(by_size)))
    report.end_loudly(growth.problems)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one part is measured."""

    cluster: PostgresqlServer
    folder: Path

    def install(self, people: int = len(PEOPLE)) -> Installation:
        """A Latchkey of its own."""
        return install_latchkey(self.folder, asyncio.run(self.cluster.create_database()), people)


def _tenants(place: Place, growth: Growth, sizes: list[int]) -> None:
    installation, made = place.install(people=1), 0
    for size in sizes:
        begun = time.monotonic()
        asyncio.run(add_tenants(installation, "bench", made + 1, size))
        click.echo(f"made {size - made:,} tenants in {time.monotonic() - begun:.1f} s", err=True)
        made = size
        with serve_latchkey(installation, "latchkey") as contender:
            _visit_tenants(contender, growth, place.folder, size)
        # With the server gone: what is timed is the command and the database.
        growth.note("tenants", f"{size:,} tenants", **visits.time_administration(installation, "bench-1"))


def _visit_tenants(contender: Contender, growth: Growth, folder: Path, size: int) -> None:
    name = f"{size:,} tenants"
    growth.note("tenants", name, memory_at_rest_MB=contender.resident_megabytes())
    visits.warm_up(contender, "bench")
    cold = random.sample(range(1, size + 1), min(COLD, size))
    first, again = visits.time_first_requests(contender, cold)
    growth.note("tenants", name, first_token_of_a_cold_tenant_ms=first[0], worst_of_them_ms=first[1], again_ms=again)
    visits.touch(contender, size)
    growth.note("tenants", name, memory_when_all_were_used_MB=contender.resident_megabytes())
    for what, path, *rest in (
        ("token", "/t/bench-%d/token", contender.batch, visits.TOKEN_FORM),
        ("discovery", "/t/bench-%d/.well-known/openid-configuration"),
    ):
        load = Load(contender, folder, growth.seconds)
        growth.note_run("tenants", name, f"{what}, one tenant", load.run("spread", path, "1", str(THREADS), *rest))
        growth.note_run(
            "tenants", name, f"{what}, all in turn", load.run("spread", path, str(size), str(THREADS), *rest)
        )
    growth.note("tenants", name, memory_after_the_load_MB=contender.resident_megabytes())


def _people(place: Place, growth: Growth, sizes: list[int]) -> None:
    installation, made = place.install(), 0
    for size in sizes:
        begun = time.monotonic()
        asyncio.run(add_people(installation, "bench", made + 1, size))
        click.echo(f"made {size - made:,} people in {time.monotonic() - begun:.1f} s", err=True)
        made, name = size, f"{size:,} people"
        people = [f"someone-{number}" for number in random.sample(range(1, size + 1), SOME_PEOPLE)]
        with serve_latchkey(installation, "latchkey") as contender:
            load = Load(contender, place.folder, growth.seconds)
            flows = logins.flows(contender, growth.seconds, people[: len(PEOPLE)])
            growth.note("people", name, password_logins_per_s=flows.per_second)
            stock = load.write("refresh", refresh_tokens(contender, STOCK, people))
            run = load.run("refresh", contender.token, contender.web, stock, str(THREADS))
            growth.note_run("people", name, "refresh", run)
            growth.note("people", name, memory_MB=contender.resident_megabytes())


def _workers(place: Place, growth: Growth, sizes: list[int]) -> None:
    installation = place.install()
    for size in sizes:
        name = f"{size} worker" + ("s" if size > 1 else "")
        with serve_latchkey(installation, "latchkey", size) as contender:
            growth.note("workers", name, memory_at_rest_MB=contender.resident_megabytes())
            for work in WORKLOADS:
                if work.name.startswith(SHARED):
                    run = work.run(Load(contender, place.folder, growth.seconds))
                    growth.note_run("workers", name, work.name.partition(",")[0].partition(" with")[0], run)
            growth.note("workers", name, memory_after_the_load_MB=contender.resident_megabytes())


if __name__ == "__main__":
    main()
