"""What is changed at one process counts at all others: within a second what is cached, at once what is revoked.

Two servers and the command line on one PostgreSQL, without Redis and with it; on SQLite one server and a command.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx2
import pytest

from server.kernel import cache
from server.kernel.json import load_json
from tests.actors import EndUser, RelyingParty
from tests.support.databases import DatabaseServer
from tests.support.in_turn import InTurn
from tests.support.processes import PROGRAM, Installation, Server, install, serving
from tests.support.serving import ACME, WEB_CALLBACK, WEB_SECRET

PATIENCE = 120  # seconds; generous, for a machine that does much else
BATCH_SECRET = "a-secret-of-the-batch-clients"
FILES = "https://files.acme.test"
CLOSING: dict[str, object] = {"tenant": "closing"}
CLOSE_TENANT = """
import asyncio
from dataclasses import replace
from server import tenants
from server.kernel import clock, database
from server.settings import load_settings

async def main() -> None:
    settings = load_settings()
    await database.open_database(settings.database_url)
    before = await tenants.find_by_slug("closing", settings.public_url)
    await tenants.update(before.id, before, replace(before, enabled=False), clock.now())
    await database.close_database()

asyncio.run(main())
"""


def batch(client_id: str, **members: object) -> dict[str, object]:
    """A client that gets tokens for itself."""
    return {
        "client_id": client_id,
        "client_secret": BATCH_SECRET,
        "grant_types": ["client_credentials"],
        "scope": "notes:read notes:write",
        **members,
    }


def acme(**members: object) -> dict[str, object]:
    """A manifest that names nothing but what is to change."""
    return {"tenant": "acme", **members}


def files(*scopes: str) -> dict[str, object]:
    """A resource with these scopes."""
    return {"identifier": FILES, "scopes": list(scopes)}


async def pass_a_second() -> None:
    """From now on nothing old is served, however slow the machine: what was not known to be current is read again."""
    await asyncio.sleep(cache.MAX_AGE_SECONDS)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Processes on one database."""

    installation: Installation
    servers: tuple[Server, ...]

    async def run(self, *arguments: str) -> None:
        """Run a command beside the servers."""
        await asyncio.to_thread(self.installation.run, *arguments)

    async def apply(self, manifest: dict[str, object]) -> None:
        """Apply a manifest beside the servers, and wait as long as they may take."""
        await asyncio.to_thread(self.installation.apply, manifest)
        await pass_a_second()


@pytest.fixture(scope="module", params=["told by the database", "told by Redis"])
async def cluster(
    request: pytest.FixtureRequest,
    database_server: DatabaseServer,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Cluster]:
    """Two processes; on SQLite there is but one, by design."""
    is_postgresql = request.config.getoption("--database") == "postgresql"
    if request.param == "told by Redis" and not is_postgresql:
        pytest.skip("one process has nobody to tell")
    database_url = await database_server.create_migrated()
    environment = {"LATCHKEY_REDIS_URL": redis_url} if request.param == "told by Redis" else {}
    clients = [batch("steady"), batch("doomed"), batch("narrowed"), batch("filing")]
    bob = {"username": "bob", "password": "bobs-battery-staple"}
    more = {"clients": clients, "resources": [files("notes:read", "notes:write")], "users": [bob]}
    # Twice the same tenant: what a manifest does not name stays as it is.
    installation = await asyncio.to_thread(
        install,
        tmp_path_factory.mktemp("cluster"),
        database_url=database_url,
        environment=environment,
        manifests=[ACME, CLOSING],
    )
    await asyncio.to_thread(installation.apply, acme(**more))
    with serving(installation, processes=2 if is_postgresql else 1) as servers:
        yield Cluster(installation, servers)


@pytest.fixture
async def nodes(cluster: Cluster) -> AsyncIterator[tuple[httpx2.AsyncClient, ...]]:
    """A client for each process, on the public URL."""
    async with _client(cluster.servers[0], cluster) as first, _client(cluster.servers[-1], cluster) as second:
        yield first, second


@asynccontextmanager
async def _client(server: Server, cluster: Cluster) -> AsyncIterator[httpx2.AsyncClient]:
    public_url = cluster.installation.public_url
    async with httpx2.AsyncClient(transport=InTurn((server,)), base_url=public_url, timeout=PATIENCE) as client:
        yield client


def _batch_at(node: httpx2.AsyncClient, client_id: str, tenant: str = "acme") -> RelyingParty:
    issuer = f"{str(node.base_url).rstrip('/')}/t/{tenant}"
    return RelyingParty(node, issuer, client_id, client_secret=BATCH_SECRET)


def _webapp_at(node: httpx2.AsyncClient) -> RelyingParty:
    return replace(_batch_at(node, "webapp"), client_secret=WEB_SECRET, redirect_uri=WEB_CALLBACK)


async def _tokens(client: RelyingParty, *, username: str, password: str) -> dict[str, str]:
    attempt = client.begin(scope="openid profile offline_access")
    person = EndUser(client.http, username=username, password=password)
    answer = (await person.authorize(attempt.url)).answer
    return dict((await client.redeem(answer["code"], attempt)).json())


async def _own_token(client: RelyingParty, **parameters: str) -> httpx2.Response:
    return await client.token(grant_type="client_credentials", **parameters)


async def _scope_for_files(node: httpx2.AsyncClient) -> list[str]:
    answer = await _own_token(_batch_at(node, "filing"), resource=FILES)
    return str(answer.json().get("scope", "")).split()


def _kid(token: str) -> str:
    header, _, _ = token.partition(".")
    document = load_json(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    assert isinstance(document, dict)
    return str(document["kid"])


async def _published(node: httpx2.AsyncClient) -> set[str]:
    return {key["kid"] for key in (await node.get("/t/acme/jwks")).json()["keys"]}


Nodes = tuple[httpx2.AsyncClient, ...]


async def test_a_disabled_client_is_refused_everywhere(cluster: Cluster, nodes: Nodes) -> None:
    for node in nodes:
        assert (await _own_token(_batch_at(node, "doomed"))).status_code == 200
    await cluster.apply(acme(clients=[batch("doomed", enabled=False)]))
    for node in nodes:
        assert (await _own_token(_batch_at(node, "doomed"))).json()["error"] == "invalid_client"
        assert (await _own_token(_batch_at(node, "steady"))).status_code == 200


async def test_a_disabled_person_is_out_everywhere(cluster: Cluster, nodes: Nodes) -> None:
    tokens = await _tokens(_webapp_at(nodes[0]), username="bob", password="bobs-battery-staple")
    for node in nodes:
        assert (await _webapp_at(node).userinfo(tokens["access_token"])).status_code == 200
    await cluster.apply(acme(users=[{"username": "bob", "enabled": False}]))
    for node in nodes:
        assert (await _webapp_at(node).userinfo(tokens["access_token"])).status_code == 401
        assert (await _webapp_at(node).refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_disabled_tenant_is_nowhere(cluster: Cluster, nodes: Nodes) -> None:
    for node in nodes:
        assert (await node.get("/t/closing/jwks")).status_code == 200
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM.with_name("python")), "-c", CLOSE_TENANT, env=dict(cluster.installation.environment)
    )
    assert await process.wait() == 0
    await pass_a_second()
    for node in nodes:
        assert (await node.get("/t/closing/jwks")).status_code == 404


async def test_narrower_ceilings_hold_everywhere(cluster: Cluster, nodes: Nodes) -> None:
    for node in nodes:
        assert (await _own_token(_batch_at(node, "narrowed"), scope="notes:write")).status_code == 200
        assert "notes:write" in await _scope_for_files(node)
    narrowed = batch("narrowed", scope="notes:read")
    await cluster.apply(acme(clients=[narrowed], resources=[files("notes:read")]))
    for node in nodes:
        assert (await _own_token(_batch_at(node, "narrowed"), scope="notes:write")).json()["error"] == "invalid_scope"
        assert "notes:write" not in await _scope_for_files(node)


async def test_changed_settings_hold_everywhere(cluster: Cluster, nodes: Nodes) -> None:
    for node in nodes:
        assert (await _own_token(_batch_at(node, "steady"))).json()["expires_in"] != 77
    await cluster.apply(acme(settings={"access_token_lifetime": "77s"}))
    for node in nodes:
        assert (await _own_token(_batch_at(node, "steady"))).json()["expires_in"] == 77


async def test_rotated_keys_are_known_everywhere_and_sign_everywhere(cluster: Cluster, nodes: Nodes) -> None:
    webapp, other = _webapp_at(nodes[0]), _webapp_at(nodes[-1])
    tokens = await _tokens(webapp, username="ada", password="correct-horse-battery")
    old = _kid(tokens["access_token"])
    for node in nodes:
        assert old in await _published(node)
    await cluster.run("keys", "rotate", "acme")
    # Whoever signs with the new key first is understood by all others at once.
    deadline = time.monotonic() + PATIENCE
    while _kid(tokens["access_token"]) == old and time.monotonic() < deadline:
        tokens = (await webapp.refresh(tokens["refresh_token"])).json()
        assert (await other.userinfo(tokens["access_token"])).status_code == 200
    new = _kid(tokens["access_token"])
    assert new != old
    await pass_a_second()
    for node in nodes:
        assert {old, new} <= await _published(node)
        assert _kid((await _own_token(_batch_at(node, "steady"))).json()["access_token"]) == new


async def test_what_was_revoked_at_one_is_revoked_at_the_other_at_once(nodes: Nodes) -> None:
    here, there = _webapp_at(nodes[0]), _webapp_at(nodes[-1])
    for _ in range(3):
        tokens = await _tokens(here, username="ada", password="correct-horse-battery")
        assert (await there.userinfo(tokens["access_token"])).status_code == 200
        assert (await there.introspect(tokens["access_token"])).json()["active"]
        await here.revoke(tokens["access_token"])
        assert (await there.userinfo(tokens["access_token"])).status_code == 401
        assert (await there.introspect(tokens["access_token"])).json() == {"active": False}
        refreshed = (await there.refresh(tokens["refresh_token"])).json()
        await here.revoke(refreshed["refresh_token"])
        assert (await there.userinfo(refreshed["access_token"])).status_code == 401
        assert (await there.refresh(refreshed["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_client_that_has_just_registered_works_everywhere(nodes: Nodes) -> None:
    issuer = f"{str(nodes[0].base_url).rstrip('/')}/t/acme"
    unknown = RelyingParty(nodes[-1], issuer, "not-there-yet")
    assert (await nodes[-1].get(unknown.begin().url)).status_code == 400
    registered = await RelyingParty.register(nodes[0], issuer, client_name="Just now")
    assert (await nodes[-1].get(replace(unknown, client_id=registered.client_id).begin().url)).status_code in {302, 303}
