"""The whole program while PostgreSQL or Redis is away: a clean 503, and back to work by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import httpx2

from server.hosting.health import KEPT_SECONDS
from server.kernel.postgresql_pool import COMMAND_SECONDS
from tests.support.databases import PostgresqlServer
from tests.support.killable import Killable
from tests.support.ports import LOOPBACK
from tests.support.processes import Server, install, serving

TENANT: dict[str, object] = {
    "tenant": "acme",
    "scopes": [{"name": "read", "description": "Read"}],
    "clients": [
        {
            "client_id": "batch",
            "token_endpoint_auth_method": "client_secret_basic",
            "client_secret": "a-secret-of-the-batch-client",
            "grant_types": ["client_credentials"],
            "scope": "read",
        }
    ],
}
EVERYTHING = ["database", "keys", "migrations", "shared_state"]
PATIENCE = 120  # seconds; generous, for a machine that does much else


def ask_for_a_token(server: Server) -> httpx2.Response:
    return httpx2.post(
        f"{server.installation.issuer('acme')}/token",
        data={"grant_type": "client_credentials"},
        auth=("batch", "a-secret-of-the-batch-client"),
        timeout=PATIENCE,
    )


def wait_for(what: Callable[[], httpx2.Response], status: int) -> httpx2.Response:
    """Ask again until the answer has this status; never anything but it and 503 on the way."""
    end = monotonic() + PATIENCE
    while True:
        response = what()
        if response.status_code == status or monotonic() > end:
            assert response.status_code == status, response.text
            return response
        assert response.status_code in {200, 503}
        sleep(0.1)


def check_unavailable(response: httpx2.Response) -> None:
    assert response.json()["error"] == "temporarily_unavailable"
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["x-correlation-id"]


def test_without_postgresql_every_answer_is_a_503_until_it_is_back(tmp_path: Path, postgresql: Killable) -> None:
    url = f"postgres://latchkey@{LOOPBACK}:{postgresql.port}/postgres"
    installation = install(tmp_path, database_url=url, manifests=[TENANT])
    with serving(installation) as (server,):
        assert ask_for_a_token(server).status_code == 200
        postgresql.kill()
        check_unavailable(wait_for(lambda: ask_for_a_token(server), 503))
        page = httpx2.get(
            f"{server.url}/t/acme/authorize",
            params={"client_id": "other"},
            headers={"accept": "text/html"},
            timeout=PATIENCE,
        )
        assert page.status_code == 503
        assert 'data-error="temporarily_unavailable"' in page.text
        assert httpx2.get(f"{server.url}/healthz", timeout=PATIENCE).status_code == 200
        unready = httpx2.get(f"{server.url}/readyz", timeout=PATIENCE)
        assert (unready.status_code, unready.json()["failed"]) == (503, EVERYTHING)
        postgresql.start()
        wait_for(lambda: ask_for_a_token(server), 200)
        wait_for(lambda: httpx2.get(f"{server.url}/readyz", timeout=PATIENCE), 200)
        assert "endpoint failed" not in server.log()


def test_a_database_that_stalls_is_not_ready_within_seconds(tmp_path: Path, postgresql: Killable) -> None:
    maintenance = PostgresqlServer(f"postgres://latchkey@{LOOPBACK}:{postgresql.port}/postgres")
    installation = install(tmp_path, database_url=asyncio.run(maintenance.create_database()))
    with serving(installation) as (server,):
        wait_for(lambda: httpx2.get(f"{server.url}/readyz", timeout=PATIENCE), 200)
        sleep(KEPT_SECONDS)
        with postgresql.stalled():
            unready = httpx2.get(f"{server.url}/readyz", timeout=COMMAND_SECONDS - 1)
        assert unready.status_code == 503
        # Keys are remembered for a second; how much of it has passed nobody knows.
        assert {*unready.json()["failed"]} - {"keys"} == {"database", "shared_state"}
        wait_for(lambda: httpx2.get(f"{server.url}/readyz", timeout=PATIENCE), 200)


def test_without_redis_every_answer_is_a_503_until_it_is_back(tmp_path: Path, redis: Killable) -> None:
    environment = {"LATCHKEY_REDIS_URL": f"redis://{LOOPBACK}:{redis.port}/0", "LATCHKEY_RATE_LIMITS": "on"}
    installation = install(tmp_path, environment=environment, manifests=[TENANT])
    with serving(installation) as (server,):
        assert ask_for_a_token(server).status_code == 200
        redis.kill()
        check_unavailable(wait_for(lambda: ask_for_a_token(server), 503))
        unready = httpx2.get(f"{server.url}/readyz", timeout=PATIENCE)
        assert (unready.status_code, unready.json()) == (503, {"status": "unavailable", "failed": ["shared_state"]})
        redis.start()
        wait_for(lambda: ask_for_a_token(server), 200)
        wait_for(lambda: httpx2.get(f"{server.url}/readyz", timeout=PATIENCE), 200)
        assert "endpoint failed" not in server.log()
