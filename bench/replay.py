"""`make scale-replay`: a policy over recorded authorizations of one tenant among others, on both databases."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server import app, trust
from server.administration import Operator, trust_replay
from server.kernel import database, ids, migrations
from server.kernel.clock import DAY
from server.settings import load_settings
from server.trust import Action, ClientFacts, Rule, Signal, Source, Thresholds, TrustPolicy
from tests.issuing import NOW, make_tenant
from tests.support.databases import SqliteFolder, postgresql_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from server.administration.trust_replay import Replay
    from server.kernel.database import Statement
    from server.tenants import Tenant
    from server.trust import Decision
    from tests.support.databases import DatabaseServer

PEOPLE = 20_000
CLIENTS = 400
BATCH = 1000
STALLS_FROM = 0.001  # seconds: how often somebody else wants a turn meanwhile
URIS = (
    "http://127.0.0.1/callback",
    "https://app{}.example/cb",
    "https://tool-{}.vercel.app/cb",
    "https://login.acme.test/callback",
    "com.example.app{}:/cb",
    "https://paypa1.com/cb",
)
STRICTER = TrustPolicy(
    Thresholds(confirm=25, hold=60),
    rules=(
        *(Rule(Action.TRUST, host=f"*.partner{number}.example") for number in range(20)),
        Rule(Action.CONFIRM, loopback=True, client_source=(Source.ADMIN,)),
        Rule(Action.BLOCK, signal=Signal.LOOKALIKE),
        Rule(Action.HOLD, client_source=(Source.DYNAMIC,), min_risk=40),
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One replay."""

    done: Replay
    seconds: float
    processor_seconds: float
    longest_turn: float  # seconds for which nobody else had a turn


@click.command()
@click.option("--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--authorizations", default=100_000, show_default=True, help="How many of the tenant are replayed.")
@click.option("--others", default=20_000, show_default=True, help="How many of another tenant lie between them.")
def main(kind: str, authorizations: int, others: int) -> None:
    """Measure replay on one database; prints a line of the table in bench/README.md."""
    with tempfile.TemporaryDirectory() as folder, _server(kind, Path(folder)) as server:
        measured = asyncio.run(_measure(kind, server, authorizations, others))
    click.echo(
        f"| {kind} | {measured.done.evaluated:,} | {measured.done.changed:,} | {len(measured.done.transitions)} "
        f"| {measured.seconds:.1f} | {measured.processor_seconds:.1f} | {measured.longest_turn * 1000:.0f} "
        f"| {os.getloadavg()[0]:.1f} |"
    )


@contextmanager
def _server(kind: str, folder: Path) -> Iterator[DatabaseServer]:
    if kind == "sqlite":
        yield SqliteFolder(folder)
    else:
        with postgresql_cluster() as server:
            yield server


async def _measure(kind: str, server: DatabaseServer, authorizations: int, others: int) -> Measured:
    settings = load_settings(
        {
            "LATCHKEY_DATABASE_URL": await server.create_database(),
            "LATCHKEY_SECRET_KEY": "a master secret that only benchmarks know",
        }
    )
    await migrations.migrate(settings.database_url)
    async with app.opened(settings):
        tenant, other = await make_tenant("acme"), await make_tenant("other")
        await fill({tenant.id: authorizations, other.id: others})
        return await _replay(kind, tenant)


async def _replay(kind: str, tenant: Tenant) -> Measured:
    longest = 0.0

    async def wait() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(STALLS_FROM)
            longest = max(longest, time.perf_counter() - began - STALLS_FROM)

    waiting, began, used = asyncio.create_task(wait()), time.perf_counter(), time.process_time()
    with click.progressbar(length=1, label=f"Replaying on {kind}", file=sys.stderr) as bar:

        async def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        operator = Operator.at_the_command_line("bench")
        done = await trust_replay.replay(operator, tenant, STRICTER, now=NOW, progress=progress)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    waiting.cancel()
    return Measured(done, seconds, used, longest)


async def fill(totals: dict[UUID, int]) -> None:
    """Record authorizations of many clients and people over 30 days, those of all tenants mixed."""
    chance = random.Random(4)  # noqa: S311 - the same data each time
    order = [tenant_id for tenant_id, total in totals.items() for _ in range(total)]
    chance.shuffle(order)
    people = [ids.uuid7() for _ in range(PEOPLE)]
    decisions = [await _decision(tenant_id, number) for tenant_id in totals for number in range(CLIENTS)]
    rows = _rows(order, people, decisions, chance)
    for _ in range(0, len(order), BATCH):
        async with database.transaction():
            for _, row in zip(range(BATCH), rows, strict=False):
                await database.execute(row.sql, *row.arguments)


async def _decision(tenant_id: UUID, number: int) -> Decision:
    source = list(Source)[number % 3]
    client = ClientFacts(f"client-{number}", source, NOW, "d" * 64, pk=ids.uuid7())
    return await trust.decide(tenant_id, client, URIS[number % len(URIS)].format(number), None, NOW)


def _rows(
    order: list[UUID], people: list[UUID], decisions: list[Decision], chance: random.Random
) -> Iterator[Statement]:
    for place, tenant_id in enumerate(order):
        yield trust.row_of_authorization(
            tenant_id,
            chance.choice(decisions),
            client_pk=ids.uuid7(),
            person_id=chance.choice(people),
            kept_until=NOW + 90 * DAY,
            now=NOW - 30 * DAY + place * (30 * DAY // len(order)),
        )


if __name__ == "__main__":
    main()
