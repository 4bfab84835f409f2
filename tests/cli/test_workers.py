"""The life of workers under load: killed, replaced, told to end, flooded; by clients that forgive nothing."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from bench.browser import Browser
from tests.factories.manifests import FULL
from tests.support import processes
from tests.support.databases import DatabaseServer
from tests.support.forms import read_document
from tests.support.processes import Installation, Server
from tests.support.relying_party import basic
from tests.support.steady_load import Client, Failed, steady_load

WITHIN = 180.0  # seconds until something has to have happened, on a machine that is busy with other things
AUTHORIZE = (
    "/t/acme/authorize?response_type=code&client_id=notes-cli&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcallback"
    "&scope=openid&code_challenge=E9Melhoa2OwvFrEGc8iLwJfkQLmLcnQ-6Z8JLGRHZXA&code_challenge_method=S256"
)


@pytest.fixture(scope="module")
async def installation(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One of its own: at the address of the other tests' somebody may be serving."""
    made = processes.install(tmp_path_factory.mktemp("workers"), database_url=await database_server.create_migrated())
    (made.directory / "acme.yaml").write_text(FULL, encoding="utf-8")
    made.run("apply", "acme.yaml")
    return made


@pytest.fixture
def workers(installation: Installation) -> int:
    """As many as the database can do with."""
    return 2 if installation.database_url.startswith("postgres") else 1


@pytest.fixture
def running(installation: Installation, workers: int) -> Iterator[Server]:
    """A server of this test."""
    server = processes.start(installation, "--workers", str(workers))
    try:
        wait_for(lambda: server.log().count("serving ") == workers)
        yield server
    finally:
        server.stop()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, condition)


class TokenClient:
    """Asks for a token by client_credentials."""

    def __init__(self, server: Server, *, keeps: bool) -> None:
        self.client = Client(server.port, keeps=keeps)

    async def __call__(self) -> None:
        form = {"grant_type": "client_credentials", "scope": "notes:read"}
        answer = await self.client.request("POST", "/t/acme/token", form, authorization=basic("batch", "change-me"))
        if answer.status != 200:
            raise Failed(f"{answer.status} {answer.body!r}")


def hidden(page: str) -> list[tuple[str, str]]:
    """The hidden fields of a page with one step."""
    return read_document(page).form().hidden()


@pytest.fixture
def clients(running: Server) -> Iterator[list[TokenClient]]:
    """Some that keep their connections, and some that do not."""
    made = [TokenClient(running, keeps=number % 2 == 0) for number in range(8)]
    yield made
    for client in made:
        client.client.close()


async def test_hang_up_replaces_the_workers_without_one_failed_request(
    running: Server, workers: int, clients: list[TokenClient]
) -> None:
    old = processes.descendants(running.process.pid)
    async with steady_load(clients) as tally:
        running.process.send_signal(signal.SIGHUP)
        await until(lambda: not set(old) & set(processes.descendants(running.process.pid)))
        before = tally.rounds
        await until(lambda: tally.rounds > before + 20)
    assert tally.failures == []
    assert len(processes.descendants(running.process.pid)) == len(old) == workers


async def test_killed_worker_is_replaced_and_the_service_goes_on(
    running: Server, workers: int, clients: list[TokenClient]
) -> None:
    old = processes.descendants(running.process.pid)
    os.kill(old[0], signal.SIGKILL)
    # Nobody is refused: who connects now waits for whoever serves next.
    await asyncio.gather(*(client() for client in clients))
    await until(lambda: running.log().count("serving ") == workers + 1)
    assert old[0] not in processes.descendants(running.process.pid)
    assert "a worker died" in running.log()


async def test_worker_that_cannot_start_leaves_the_old_ones_serving(
    running: Server, clients: list[TokenClient]
) -> None:
    old = processes.descendants(running.process.pid)
    async with steady_load(clients) as tally:
        # A limit on files too low for a worker to start: those that serve have theirs already.
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (12, 12))
        running.process.send_signal(signal.SIGHUP)
        await until(lambda: "the old ones go on" in running.log())
    assert tally.failures == []
    # One that could be started, and no more, is there until somebody has looked how it ended.
    await until(lambda: processes.descendants(running.process.pid) == old)


async def test_told_to_end_it_answers_the_login_in_flight(running: Server) -> None:
    browser = await Browser.open(running.port)
    page = await browser.request("GET", AUTHORIZE)
    assert page.location is not None
    step = page.location.removeprefix(running.url)
    form = (await browser.request("GET", step)).body
    fields = [*hidden(form), ("username", "ada"), ("password", "correct-horse-battery")]
    login = asyncio.create_task(browser.request("POST", step, fields))
    await asyncio.sleep(0.01)  # a hash takes 30 ms
    begun = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert (await login).status == 303
    browser.close()
    assert await asyncio.to_thread(running.process.wait, WITHIN) == 0
    assert time.monotonic() - begun < WITHIN


async def test_workers_end_with_the_process_that_watches_them(running: Server) -> None:
    orphans = processes.descendants(running.process.pid)
    running.process.kill()
    await until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in orphans))  # noqa: PTH110 - no file


async def test_flood_of_logins_leaves_room_for_tokens(running: Server, clients: list[TokenClient]) -> None:
    browser = await Browser.open(running.port)
    page = await browser.request("GET", AUTHORIZE)
    assert page.location is not None
    step = page.location.removeprefix(running.url)
    fields = dict(hidden((await browser.request("GET", step)).body)) | {"username": "ada", "password": "wrong"}
    statuses: list[int] = []

    async def log_in() -> None:
        client = Client(running.port, keeps=False)
        answer = await client.request("POST", step, fields, cookie=browser.cookie_header, origin=running.url)
        statuses.append(answer.status)
        if answer.status == 503:
            assert int(answer.headers["retry-after"]) > 0

    async with steady_load([log_in] * 100) as flood:
        for client in clients * 2:
            await client()
    browser.close()
    assert flood.failures == []
    assert 503 in statuses
    assert set(statuses) <= {422, 429, 503}
    # One worker may have 150 MB, each further one 120; what hashes needed is given back in a moment.
    await until(lambda: running.resident_bytes() < 270e6)
