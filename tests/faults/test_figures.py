"""Figures of several worker processes: added up, whichever of them is asked."""

from __future__ import annotations

import asyncio
import http.client
import re
import time
from contextlib import closing
from pathlib import Path

from tests.faults.test_dependencies import TENANT
from tests.support.databases import PostgresqlServer
from tests.support.killable import Killable
from tests.support.ports import LOOPBACK
from tests.support.processes import Server, descendants, install, serving

WORKERS = 2
REQUESTS = 60
PATIENCE = 120  # seconds
JWKS = re.compile(
    r'^latchkey_request_duration_seconds_count\{endpoint="jwks",status="2xx",tier="tenant"\} (\d+)$', re.MULTILINE
)
UPTIME = re.compile(r'^latchkey_process_uptime_seconds\{pid="(\d+)"\}', re.MULTILINE)


def ask_anew(server: Server, path: str) -> str:
    """Over a connection of its own: any of the workers may get it."""
    connection = http.client.HTTPConnection(LOOPBACK, server.port)
    with closing(connection):
        connection.request("GET", path, headers=server.headers)
        response = connection.getresponse()
        assert response.status == 200
        return response.read().decode()


def count_of(figures: str) -> int:
    found = JWKS.search(figures)
    return int(found[1]) if found else 0


def test_two_workers_count_together(tmp_path: Path, postgresql: Killable) -> None:
    postgres = PostgresqlServer(f"postgres://latchkey@{LOOPBACK}:{postgresql.port}/postgres")
    url = asyncio.run(postgres.create_database())
    installation = install(tmp_path, database_url=url, manifests=[TENANT])
    with serving(installation, "--workers", str(WORKERS)) as (server,):
        workers = _workers(server)
        told, figures, deadline = [0], "", time.monotonic() + PATIENCE
        # They start one after another.
        while set(UPTIME.findall(figures)) != workers and time.monotonic() < deadline:
            figures = ask_anew(server, "/metrics")
        for _ in range(REQUESTS):
            ask_anew(server, "/t/acme/jwks")
            figures = ask_anew(server, "/metrics")
            told.append(count_of(figures))
        # A worker that nobody asks writes what it counted once a second.
        while told[-1] < REQUESTS and time.monotonic() < deadline:
            figures = ask_anew(server, "/metrics")
            told.append(count_of(figures))
        assert told[-1] == REQUESTS
        assert told == sorted(told)
        assert set(UPTIME.findall(figures)) == workers


def _workers(server: Server) -> set[str]:
    """The process ids of both workers; the second is started when the first one serves."""
    deadline = time.monotonic() + PATIENCE
    while len(found := descendants(server.process.pid)) < WORKERS and time.monotonic() < deadline:
        time.sleep(0.05)
    return {str(worker) for worker in found}
