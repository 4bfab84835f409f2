"""What a trust decision costs: the evaluation with its facts at hand, and the one query that facts take when warm.

`python -m bench.decisions` prints the table alone; `make bench` shows it below the others.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.report import markdown, number
from server import app, trust
from server.kernel import database, ids, migrations
from server.settings import load_settings
from server.trust import Action, ClientFacts, Rule, Source, TrustPolicy
from tests.issuing import NOW
from tests.support.databases import SqliteFolder, postgresql_cluster

if TYPE_CHECKING:
    from server.trust import Decision, Facts
    from tests.support.databases import DatabaseServer

URI = "https://app.example/cb"
DOCUMENT = ClientFacts(
    client_id="https://app.example/client.json",
    source=Source.METADATA_DOCUMENT,
    registered_at=NOW,
    metadata_digest="a" * 64,
    pk=ids.uuid7(),
    client_id_host="app.example",
)
RULES = (0, 50, 200)  # none of which matches; a policy has 200 at most
EVALUATIONS, DECISIONS, SERIES = 2000, 200, 5
MOST_MICROSECONDS = 100


def all_tables() -> list[str]:
    """The table, in Markdown."""
    with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder, postgresql_cluster() as cluster:
        servers: dict[str, DatabaseServer] = {"SQLite": SqliteFolder(Path(folder)), "PostgreSQL": cluster}
        decided = {name: asyncio.run(_decide(server)) for name, server in servers.items()}
    facts = next(iter(decided.values()))[0].facts
    rows = [[f"evaluation, {rules} rules", number(_evaluate(facts, rules)), "0"] for rules in RULES]
    rows += [[f"decision, {name}", number(cost), str(queries)] for name, (_, cost, queries) in decided.items()]
    return markdown([["trust, warm caches", "processor µs", "queries"], *rows])


def _evaluate(facts: Facts, rules: int) -> float:
    policy = TrustPolicy(rules=tuple(Rule(Action.TRUST, host=f"*.partner{each}.example") for each in range(rules)))
    costs = []
    for _ in range(SERIES):
        began = time.process_time()
        for _ in range(EVALUATIONS):
            trust.evaluate(facts, policy, 1, NOW)
        costs.append((time.process_time() - began) / EVALUATIONS * 1_000_000)
    if median(costs) > MOST_MICROSECONDS:
        sys.stderr.write(f"an evaluation with {rules} rules takes more than {MOST_MICROSECONDS} µs\n")
    return median(costs)


async def _decide(server: DatabaseServer) -> tuple[Decision, float, int]:
    """A decision, the processor's microseconds for one, one after the other, and its queries."""
    settings = load_settings(
        {
            "LATCHKEY_DATABASE_URL": await server.create_database(),
            "LATCHKEY_SECRET_KEY": "a master secret that only benchmarks know",
        }
    )
    await migrations.migrate(settings.database_url)
    async with app.opened(settings):
        tenant_id, person_id = ids.uuid7(), ids.uuid7()
        decision = await trust.decide(tenant_id, DOCUMENT, URI, person_id, NOW)
        costs = []
        with database.query_count() as count:
            for _ in range(SERIES):
                began = time.process_time()
                for _ in range(DECISIONS):
                    await trust.decide(tenant_id, DOCUMENT, URI, person_id, NOW)
                costs.append((time.process_time() - began) / DECISIONS * 1_000_000)
        return decision, median(costs), count.total // (SERIES * DECISIONS)


if __name__ == "__main__":
    sys.stdout.write("\n".join(all_tables()))
