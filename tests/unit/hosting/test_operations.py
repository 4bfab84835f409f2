"""Who may read the figures, and what readiness makes of its checks."""

import asyncio
import json
from dataclasses import replace
from ipaddress import ip_network

import pytest

from server.hosting.health import Readiness
from server.hosting.operations import may_read_figures
from server.settings import Settings, load_settings

LOCAL = load_settings({"LATCHKEY_SECRET_KEY": "x" * 32})
UNNAMED = load_settings({"LATCHKEY_SECRET_KEY": "x" * 32, "LATCHKEY_PUBLIC_URL": "https://id.example"})
PUBLIC = replace(UNNAMED, trusted_proxies=(ip_network("10.0.0.1/32"),))


@pytest.mark.parametrize(
    ("settings", "peer", "host"),
    [
        (LOCAL, "127.0.0.1", "127.0.0.1:9000"),
        (LOCAL, "::1", "127.0.0.1:9000"),
        (PUBLIC, "127.0.0.1", "127.0.0.1:9000"),
        (PUBLIC, "10.0.0.7", "node-1:9000"),
        (PUBLIC, "::ffff:192.168.1.1", "node-1:9000"),
        (PUBLIC, "10.0.0.1", "node-1:9000"),  # the proxy's own machine: what it passes on, it says so
    ],
)
def test_figures_are_told_next_door(settings: Settings, peer: str, host: str) -> None:
    assert may_read_figures(settings, {"host": host}, peer)


@pytest.mark.parametrize(
    ("settings", "peer", "headers"),
    [
        (LOCAL, "10.0.0.7", {"host": "127.0.0.1:9000"}),
        (LOCAL, "", {"host": "127.0.0.1:9000"}),
        (UNNAMED, "127.0.0.1", {"host": "127.0.0.1:9000"}),  # perhaps through a proxy that adds nothing
        (PUBLIC, "203.0.113.99", {"host": "id.example"}),
        (PUBLIC, "8.8.8.8", {"host": "node-1:9000"}),
        (PUBLIC, "2001:4860:4860::8888", {"host": "node-1:9000"}),
        (PUBLIC, "10.0.0.7", {"host": "ID.example"}),
        (PUBLIC, "10.0.0.1", {"host": "node-1", "x-forwarded-for": "8.8.8.8"}),
        (PUBLIC, "127.0.0.1", {"host": "node-1", "forwarded": "for=8.8.8.8"}),
        (LOCAL, "127.0.0.1", {"host": "127.0.0.1:9000", "x-forwarded-proto": "https"}),
        (LOCAL, "127.0.0.1", {"host": "127.0.0.1:9000", "via": "1.1 proxy"}),
        (LOCAL, "127.0.0.1", {"host": "127.0.0.1:9000", "x-real-ip": "127.0.0.1"}),
    ],
)
def test_figures_are_told_to_nobody_else(settings: Settings, peer: str, headers: dict[str, str]) -> None:
    assert not may_read_figures(settings, headers, peer)


class Checked:
    """Checks that count how often they are made."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.times = 0

    async def __call__(self, _: Settings) -> None:
        self.times += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error


async def test_readiness_is_found_out_once_however_many_ask() -> None:
    check = Checked()
    readiness = Readiness(LOCAL, {"it": check})
    answers = await asyncio.gather(*(readiness.answer() for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert (await readiness.answer()).status == 200
    assert check.times == 1


async def test_failed_checks_are_named_and_nothing_is_said_about_them() -> None:
    checks = {"sick": Checked(OSError("postgres://u:hunter2@db")), "well": Checked()}
    readiness = Readiness(LOCAL, checks)
    answer = await readiness.answer()
    assert (answer.status, json.loads(answer.body)) == (503, {"status": "unavailable", "failed": ["sick"]})
    assert await readiness.verdicts() == {("sick",): 0, ("well",): 1}


async def test_a_check_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_: Settings) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("server.hosting.health.CHECK_SECONDS", 0.01)
    answer = await Readiness(LOCAL, {"it": hang}).answer()
    assert (answer.status, json.loads(answer.body)["failed"]) == (503, ["it"])


async def test_what_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.hosting.health.KEPT_SECONDS", 0)
    check = Checked(OSError("away"))
    readiness = Readiness(LOCAL, {"migrations": check})
    assert (await readiness.answer()).status == 503
    check.error = None
    assert (await readiness.answer()).status == 200
    # What was well and costs much is not looked at again at once.
    assert (await readiness.answer()).status == 200
    assert check.times == 2


async def test_one_who_goes_away_does_not_take_the_answer_from_the_others() -> None:
    readiness = Readiness(LOCAL, {"it": Checked()})
    first, second = (asyncio.create_task(readiness.answer()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).status == 200


async def test_whoever_stops_is_not_ready() -> None:
    check = Checked()
    readiness = Readiness(LOCAL, {"it": check})
    readiness.stop()
    answer = await readiness.answer()
    assert (answer.status, json.loads(answer.body)) == (503, {"status": "stopping"})
    assert check.times == 0
