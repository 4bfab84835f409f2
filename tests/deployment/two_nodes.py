"""Two nodes behind the proxy of docker-compose.yml, without containers: `make topology`.

A real HAProxy reads deploy/haproxy.cfg, in which only addresses are others; the nodes share a real PostgreSQL and a
real Redis. It takes half a minute and needs HAProxy, so it is no part of `make test`.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.actors import EndUser, RelyingParty
from tests.house.sources import ROOT
from tests.support.databases import postgresql_cluster, redis_server
from tests.support.ports import LOOPBACK, free_port, wait_until_open
from tests.support.processes import Installation, Server, install, start
from tests.support.serving import ACME, WEB_CALLBACK, WEB_SECRET

SETTINGS = ROOT / "deploy" / "haproxy.cfg"
CLIENT = "127.0.0.9"  # what the browser's address is, so that it differs from the proxy's
LIES = {
    "forwarded": "for=203.0.113.1;host=evil.test",
    "x-forwarded-for": "203.0.113.2",
    "x-forwarded-host": "evil.test",
}
NOTICED_SECONDS = 3  # the proxy asks once a second
CLIENTS_AT_ONCE = 4


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two nodes; each has its own Redis URL, so that one can be cut off."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgresql_cluster())
        redis = stack.enter_context(redis_server())
        public_url = f"https://localhost:{free_port()}"
        installation = install(
            tmp_path_factory.mktemp("latchkey"),
            database_url=cluster.url,
            environment={
                "LATCHKEY_PUBLIC_URL": public_url,
                "LATCHKEY_REDIS_URL": redis,
                "LATCHKEY_TRUSTED_PROXIES": f"{LOOPBACK}/32",
            },
            manifests=[ACME],
        )
        running = [start(installation, port=free_port()) for _ in range(2)]
        yield running
        for node in running:
            node.stop()


@pytest.fixture(scope="module")
def authority(nodes: list[Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ssl.SSLContext]:
    """The proxy runs; whom to believe about its certificate."""
    with proxy(nodes, tmp_path_factory.mktemp("proxy")) as trusted:
        yield ssl.create_default_context(cafile=str(trusted))


@pytest.fixture
async def http(nodes: list[Server], authority: ssl.SSLContext) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser, or an application, that knows the public URL only."""
    async with visitor(authority, nodes[0].installation) as client:
        yield client


def visitor(authority: ssl.SSLContext, installation: Installation) -> httpx2.AsyncClient:
    """Somebody who tells lies about who they are and whom they ask."""
    transport = httpx2.AsyncHTTPTransport(verify=authority, local_address=CLIENT)
    return httpx2.AsyncClient(transport=transport, base_url=installation.public_url, headers=LIES)


@contextmanager
def proxy(nodes: list[Server], folder: Path) -> Iterator[Path]:
    """HAProxy with our settings in front of the nodes; its certificate."""
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if program is None:
        pytest.skip("HAProxy is not installed: apt-get install haproxy")
    port = nodes[0].installation.port
    elsewhere = {
        "/run/secrets/certificate": str(certificate(folder)),
        "bind :80": f"bind {LOOPBACK}:{free_port()}",
        "bind :443": f"bind {LOOPBACK}:{port}",
        "server node1 node1:9000": f"server node1 {LOOPBACK}:{nodes[0].port}",
        "server node2 node2:9000": f"server node2 {LOOPBACK}:{nodes[1].port}",
    }
    text = SETTINGS.read_text()
    for ours, theirs in elsewhere.items():
        assert text.count(ours) == 1
        text = text.replace(ours, theirs)
    settings = folder / "haproxy.cfg"
    settings.write_text(text)
    with (folder / "log").open("wb") as log, subprocess.Popen([program, "-db", "-f", settings], stdout=log) as process:
        try:
            wait_until_open(port, process)
            yield folder / "certificate"
        finally:
            process.terminate()


def certificate(folder: Path) -> Path:
    """Made by the very command of deploy/make-secrets."""
    script = (ROOT / "deploy" / "make-secrets").read_text()
    function = re.search(r"^certificate\(\) \{.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert function
    made = subprocess.run(
        ["sh", "-euc", f"site=localhost\n{function[0]}\ncertificate"], check=True, capture_output=True
    )
    path = folder / "certificate"
    path.write_bytes(made.stdout)
    return path


async def test_a_sign_in_crosses_from_node_to_node(http: httpx2.AsyncClient, nodes: list[Server]) -> None:
    issuer = nodes[0].installation.issuer("acme")
    client = RelyingParty(http, issuer, "webapp", redirect_uri=WEB_CALLBACK, client_secret=WEB_SECRET)
    attempt = client.begin(scope="openid profile offline_access")
    answer = (await EndUser(http).authorize(attempt.url)).answer
    assert answer["iss"] == issuer
    tokens = (await client.redeem(answer["code"], attempt)).json()
    assert all(name.startswith("__Host-") for name in http.cookies)
    refreshed = (await client.refresh(tokens["refresh_token"])).json()
    assert (await client.userinfo(refreshed["access_token"])).json()["name"] == "Ada Lovelace"
    assert (await client.revoke(refreshed["refresh_token"])).status_code == 200
    assert [(await client.userinfo(refreshed["access_token"])).status_code for _ in range(4)] == [401] * 4
    assert await addresses_in_the_audit(nodes[0].installation) == {CLIENT}


async def test_both_nodes_work(http: httpx2.AsyncClient, nodes: list[Server]) -> None:
    before = [seen(node) for node in nodes]
    assert [(await refused(http)) for _ in range(4)] == [405] * 4
    assert [seen(node) - earlier for node, earlier in zip(nodes, before, strict=True)] == [2, 2]


async def test_no_request_fails_while_nodes_come_and_go(authority: ssl.SSLContext, nodes: list[Server]) -> None:
    done = asyncio.Event()
    asking = [keep_asking(authority, nodes[0].installation, done) for _ in range(CLIENTS_AT_ONCE)]
    traffic = [asyncio.create_task(one) for one in asking]
    for index in range(len(nodes)):
        await asyncio.sleep(1)
        assert await asyncio.to_thread(nodes[index].stop) == 0
        await asyncio.sleep(1)
        nodes[index] = await asyncio.to_thread(start, nodes[index].installation, port=nodes[index].port)
        await asyncio.sleep(NOTICED_SECONDS)
    done.set()
    answered = [status for statuses in await asyncio.gather(*traffic) for status in statuses]
    assert len(answered) > 100
    assert set(answered) == {200}


async def test_a_node_that_is_not_ready_gets_nothing_new(http: httpx2.AsyncClient, nodes: list[Server]) -> None:
    with redis_server() as url:
        nodes[1].stop()
        environment = {**nodes[1].installation.environment, "LATCHKEY_REDIS_URL": url}
        cut_off = replace(nodes[1].installation, environment=environment)
        nodes[1] = await asyncio.to_thread(start, cut_off, port=nodes[1].port)
        await asyncio.sleep(NOTICED_SECONDS)
    # Its Redis is gone now.
    await asyncio.sleep(NOTICED_SECONDS)
    assert httpx2.get(f"{nodes[1].url}/readyz").status_code == 503
    before = seen(nodes[1])
    assert [(await refused(http)) for _ in range(10)] == [405] * 10
    assert seen(nodes[1]) == before


async def test_what_is_for_the_inside_stays_inside(http: httpx2.AsyncClient) -> None:
    assert [(await http.get(path)).status_code for path in ("/readyz", "/metrics")] == [404, 404]
    assert (await http.get("/healthz")).status_code == 200


async def keep_asking(authority: ssl.SSLContext, installation: Installation, done: asyncio.Event) -> list[int]:
    """Sign in once, then refresh and read until told to stop; the status of every answer."""
    issuer = installation.issuer("acme")
    async with visitor(authority, installation) as own:
        client = RelyingParty(own, issuer, "webapp", redirect_uri=WEB_CALLBACK, client_secret=WEB_SECRET)
        attempt = client.begin(scope="openid offline_access")
        code = (await EndUser(own).authorize(attempt.url)).answer["code"]
        tokens = (await client.redeem(code, attempt)).json()
        statuses: list[int] = []
        while not done.is_set():
            answer = await client.refresh(tokens["refresh_token"])
            statuses.append(answer.status_code)
            tokens = answer.json() if answer.status_code == httpx2.codes.OK else tokens
            statuses.append((await client.userinfo(tokens["access_token"])).status_code)
            statuses.append((await own.get(f"{issuer}/.well-known/openid-configuration")).status_code)
            await asyncio.sleep(0.01)
        return statuses


async def refused(http: httpx2.AsyncClient) -> int:
    """A request that the node which answers it writes one line about."""
    return (await http.get("/t/acme/token")).status_code


def seen(node: Server) -> int:
    """How many of those a node has answered."""
    return len(re.findall("refused.*token", node.log()))


async def addresses_in_the_audit(installation: Installation) -> set[str]:
    """Where people and clients were, as far as anybody knows afterwards."""
    connection = await asyncpg.connect(installation.database_url)
    try:
        rows = await connection.fetch("SELECT DISTINCT remote_address AS a FROM audit_event")
    finally:
        await connection.close()
    return {row["a"] for row in rows} - {None}
