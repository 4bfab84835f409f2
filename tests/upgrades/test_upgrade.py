"""From the previous release to this one without one failed request: both serve from one database, under traffic."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bench.browser import sign_in
from bench.contenders import (
    BATCH_SECRET,
    MANIFEST,
    OPAQUE_RESOURCE,
    PASSWORD,
    PEOPLE,
    REDIRECT_URI,
    RESOURCE,
    VERIFIER,
    WEB_SECRET,
)
from tests.support import previous, processes
from tests.support.databases import DatabaseServer, SqliteFolder
from tests.support.ports import free_port
from tests.support.processes import Installation, Server
from tests.support.relying_party import basic, s256
from tests.support.steady_load import Answer, Client, Failed, Tally, steady_load

ROUNDS = 20  # in each phase
WITHIN = 120.0  # seconds for a phase, on a machine that is busy with other things
AUTHORIZE = "/t/bench/authorize?" + urlencode(
    {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid notes:read",
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
        "resource": RESOURCE,
    }
)


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory, database_server: DatabaseServer) -> Path:
    """The code of the previous release."""
    if isinstance(database_server, SqliteFolder):
        pytest.skip("one process serves from a SQLite database: an upgrade is a restart")
    folder = tmp_path_factory.mktemp("previous")
    try:
        return folder / previous.check_out(folder)
    except previous.NoPreviousRelease as reason:
        pytest.skip(str(reason))


@pytest.fixture
async def old(old_code: Path, database_server: DatabaseServer, tmp_path: Path) -> Installation:
    """An installation of the previous release."""
    environment = {"PYTHONPATH": str(old_code)}
    url = await database_server.create_database()
    return processes.install(tmp_path / "old", database_url=url, environment=environment, manifests=[MANIFEST])


@pytest.fixture
def first(old: Installation) -> Iterator[Server]:
    """The previous release, serving."""
    server = processes.start(old)
    yield server
    server.stop()


@dataclass(slots=True)
class Rotation:
    """What a load balancer does: the next request goes to the next server."""

    host: str
    clients: list[Client] = field(default_factory=list)
    removed: list[Client] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    async def post(self, path: str, secret: str, **form: str) -> dict[str, Any]:
        """An answer that has to be 200."""
        answer = await self._next().request("POST", f"/t/bench/{path}", form, authorization=secret)
        if answer.status != 200:
            raise Failed(f"{path}: {answer.status} {answer.body!r}")
        document: dict[str, Any] = json.loads(answer.body)
        return document

    async def get(self, path: str, **headers: str) -> Answer:
        """Any answer."""
        return await self._next().request("GET", path, None, **headers)

    def add(self, port: int) -> None:
        """One more server."""
        self.clients.append(Client(port, host=self.host))

    def remove(self, port: int) -> None:
        """One less."""
        self.removed += [client for client in self.clients if client.port == port]
        self.clients = [client for client in self.clients if client.port != port]

    def close(self) -> None:
        """Disconnect."""
        for client in (*self.clients, *self.removed):
            client.close()

    def _next(self) -> Client:
        return self.clients[next(self._turn) % len(self.clients)]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Works that go on during the whole upgrade, each over connections of its own."""

    tally: Tally
    rotations: list[Rotation]

    async def go_on(self) -> None:
        """Wait until each work was done several times more."""
        aim = self.tally.rounds + ROUNDS
        async with asyncio.timeout(WITHIN):
            while self.tally.rounds < aim and not self.tally.failures:  # noqa: ASYNC110 - either ends it
                await asyncio.sleep(0.02)
        assert self.tally.failures == []

    def add(self, port: int) -> None:
        """Take a server into rotation."""
        for rotation in self.rotations:
            rotation.add(port)

    def remove(self, port: int) -> None:
        """Take it out; what it was asked already, it will answer."""
        for rotation in self.rotations:
            rotation.remove(port)


def works(rotation: Rotation, cookies: str) -> list[Callable[[], Awaitable[None]]]:
    """A machine, and a person's client that redeems, refreshes and asks; each step at the next server."""

    async def machine() -> None:
        for resource in (RESOURCE, OPAQUE_RESOURCE):
            form = {"grant_type": "client_credentials", "scope": "notes:read", "resource": resource}
            tokens = await rotation.post("token", basic("batch", BATCH_SECRET), **form)
            await check_active(tokens["access_token"], basic("batch", BATCH_SECRET))

    async def person() -> None:
        answer = await rotation.get(AUTHORIZE, cookie=cookies)
        query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        if "code" not in query:
            raise Failed(f"authorize: {answer.status} {query}")
        web = basic("web", WEB_SECRET)
        redeem = {"redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER, "code": query["code"][0]}
        tokens = await rotation.post("token", web, grant_type="authorization_code", **redeem)
        for _ in range(3):
            await check_active(tokens["access_token"], web)
            tokens = await rotation.post(
                "token", web, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
            )

    async def check_active(token: str, secret: str) -> None:
        if (await rotation.post("introspect", secret, token=token))["active"] is not True:
            raise Failed("a token of one release means nothing to the other")

    return [machine, person]


@pytest.fixture
async def traffic(old: Installation, first: Server) -> AsyncIterator[Traffic]:
    """Traffic on the previous release, to begin with."""
    cookies = await sign_in(first.port, AUTHORIZE, PEOPLE[0], PASSWORD)
    host = old.public_url.partition("://")[2]
    # A connection serves one request at a time, so each work has its own.
    machine, person = Rotation(host), Rotation(host)
    for rotation in (machine, person):
        rotation.add(first.port)
    async with steady_load([works(machine, cookies)[0], works(person, cookies)[1]]) as tally:
        yield Traffic(tally, [machine, person])
    machine.close()
    person.close()


async def test_upgrade_loses_no_request(old: Installation, first: Server, traffic: Traffic) -> None:
    new = replace(old, environment={name: value for name, value in old.environment.items() if name != "PYTHONPATH"})
    await traffic.go_on()
    await asyncio.to_thread(new.run, "migrate")
    await traffic.go_on()
    second = await asyncio.to_thread(processes.start, new, port=free_port())
    try:
        traffic.add(second.port)
        await traffic.go_on()
        traffic.remove(first.port)
        await traffic.go_on()
        assert await asyncio.to_thread(first.stop) == 0
        await traffic.go_on()
        await traffic.tally.end()
        assert traffic.tally.failures == []
    finally:
        await asyncio.to_thread(second.stop)
