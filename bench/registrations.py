"""`make scale-registrations`: a million clients that registered themselves, of which 20 000 are in use.

What registration, /authorize and the reaper take on PostgreSQL is measured with few clients and with all of them, in
this process and without a network: what differs is the work of the database. The plans are those of
tests/support/registration_queries.py, at full size.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click
import httpx2

from server import app, clients, tenants
from server.jobs import reaping
from server.kernel import cache, clock, ids, migrations
from server.settings import load_settings
from server.tenants import TenantSettings
from tests.issuing import make_tenant
from tests.support import registrations
from tests.support.databases import postgresql_cluster
from tests.support.registration_queries import scanning_queries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.settings import Settings
    from server.tenants import Tenant

PUBLIC_URL = "http://127.0.0.1:9000"
REQUESTS = 300
BATCHES = 40
COUNTS = 20
FEW = 8  # keys, for a plan
SMALL = (50_000, 1_000)
ROOM = 10_000_000
UNLIMITED = TenantSettings(max_dynamic_clients=ROOM, rate_limits={"register": None, "authorize": None})
REAP = "reap a batch of 500"


@dataclass(slots=True)
class Results:
    """Milliseconds by kind of work."""

    name: str
    times: dict[str, list[float]] = field(default_factory=dict)

    async def take(self, kind: str, work: Callable[[int], Awaitable[object]], amount: int) -> None:
        """Do the work so often, one after the other."""
        for number in range(amount):
            start = time.perf_counter()
            await work(number)
            self.times.setdefault(kind, []).append((time.perf_counter() - start) * 1000)


@click.command()
@click.option("--clients", "amount", default=1_000_000, show_default=True)
@click.option("--in-use", default=20_000, show_default=True)
def main(amount: int, in_use: int) -> None:
    """Measure, and print a table for bench/README.md."""
    with postgresql_cluster() as server:
        small = asyncio.run(measure(asyncio.run(server.create_database()), *SMALL))
        large = asyncio.run(measure(asyncio.run(server.create_database()), amount, in_use))
    click.echo(table(small, large))


async def measure(url: str, amount: int, in_use: int) -> Results:
    """Fill a new database and do every kind of work."""
    settings = load_settings(
        {
            "LATCHKEY_DATABASE_URL": url,
            "LATCHKEY_PUBLIC_URL": PUBLIC_URL,
            "LATCHKEY_SECRET_KEY": "a master secret of a benchmark alone",
        }
    )
    await migrations.migrate(url)
    results = Results(f"{amount:,} clients, {in_use:,} in use")
    async with app.opened(settings):
        tenant = await make_tenant(settings=UNLIMITED)
        start = time.perf_counter()
        await registrations.fill(tenant.id, ids.uuid7(), clients=amount, in_use=in_use, now=clock.now())
        click.echo(f"{results.name}: filled in {time.perf_counter() - start:.0f} s", err=True)
        for keys in (FEW, reaping.BATCH):
            scanning = sorted(await scanning_queries(tenant.id, batch=keys))
            click.echo(f"read from end to end for {keys} keys: {', '.join(scanning) or 'nothing'}", err=True)
        await _ask(settings, tenant, in_use, results)
        await _reap(results)
    return results


async def _ask(settings: Settings, tenant: Tenant, in_use: int, results: Results) -> None:
    transport = httpx2.ASGITransport(app.create_app(settings))
    some = random.Random(7)  # noqa: S311 - the same clients each time
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:

        async def register(number: int) -> None:
            await _expect(201, http.post(f"{tenant.issuer}/register", json=_metadata(f"New {number}")))

        async def register_again(_: int) -> None:
            await _expect(201, http.post(f"{tenant.issuer}/register", json=_metadata("New 0")))

        async def authorize(_: int) -> None:
            query = f"client_id=client-{some.randint(1, in_use)}&{_QUERY}"
            await _expect(303, http.get(f"{tenant.issuer}/authorize?{query}"))

        async def count(_: int) -> None:
            await clients.count_dynamic(tenant.id, TenantSettings().max_dynamic_clients)

        async def count_all(_: int) -> None:
            await clients.count_dynamic(tenant.id, ROOM)

        await register(-1)
        await results.take("register a new client", register, REQUESTS)
        await results.take("register one that is known", register_again, REQUESTS)
        cache.drop_everything()
        await tenants.find_by_slug(tenant.slug, PUBLIC_URL)
        await results.take("authorize, client not cached", authorize, REQUESTS)
        await results.take("count up to the default quota, once a minute", count, COUNTS)
        await results.take("count up to a quota beyond all, once a minute", count_all, COUNTS)


async def _reap(results: Results) -> None:
    now = clock.now()

    async def batch(_: int) -> None:
        await reaping.reap_batch(now)

    await results.take(REAP, batch, BATCHES)


async def _expect(status: int, answer: Awaitable[httpx2.Response]) -> None:
    response = await answer
    if response.status_code != status:
        raise click.ClickException(f"{response.status_code} where {status} was expected: {response.text[:200]}")


def _metadata(name: str) -> dict[str, object]:
    return {"client_name": name, "redirect_uris": ["http://127.0.0.1/callback"], "scope": "notes:read"}


_QUERY = (
    "response_type=code&redirect_uri=http://127.0.0.1/callback&scope=notes:read&state=s"
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
)


def table(small: Results, large: Results) -> str:
    """Medians and 95th percentiles, side by side."""
    head = f"| ms, median (p95) | {small.name} | {large.name} | ratio of medians |\n| --- | ---: | ---: | ---: |"
    rows = []
    for kind, times in large.times.items():
        before, after = statistics.median(small.times[kind]), statistics.median(times)
        rows.append(f"| {kind} | {_cell(small.times[kind])} | {_cell(times)} | {after / before:.2f} |")
    halves = large.times[REAP]
    middle = len(halves) // 2
    flat = statistics.median(halves[middle:]) / statistics.median(halves[:middle])
    return "\n".join([head, *rows, "", f"Later batches of the reaper took {flat:.2f} times what earlier ones did."])


def _cell(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} ({statistics.quantiles(times, n=20)[-1]:.2f})"


if __name__ == "__main__":
    main()
