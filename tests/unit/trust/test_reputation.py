"""A service that says whom not to trust, well and ill."""

from __future__ import annotations

import asyncio

import pytest

from server.kernel.json import JsonValue
from server.trust import Reputation, reputation
from server.trust.reputation import ReputationService, ReputationUnavailable, read_reputation


class Service:
    """Answers, fails or keeps silent, and counts how often it was asked."""

    def __init__(self, says: Reputation | None = Reputation.MALICIOUS, *, silent: bool = False) -> None:
        self.says = says
        self.silent = silent
        self.asked = 0
        self.now = 0.0

    async def ask(self, host: str) -> Reputation:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.says is None:
            raise ReputationUnavailable(host)
        return self.says

    def clock(self) -> float:
        return self.now

    def known(self, *, fails_closed: bool = False) -> ReputationService:
        return ReputationService(self.ask, seconds=0.01, fails_closed=fails_closed, clock=self.clock)


async def test_what_was_said_is_remembered_for_an_hour() -> None:
    service = Service()
    known = service.known()
    assert [await known.find("a.example") for _ in range(3)] == [Reputation.MALICIOUS] * 3
    assert service.asked == 1
    service.now = reputation.REMEMBERED_SECONDS
    await known.find("a.example")
    assert service.asked == 2


async def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reputation, "MOST_REMEMBERED", 2)
    service = Service()
    known = service.known()
    for host in ("a", "b", "c", "a"):
        await known.find(host)
    assert service.asked == 4


async def test_what_was_used_last_is_remembered_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reputation, "MOST_REMEMBERED", 2)
    service = Service()
    known = service.known()
    for host in ("a", "b", "a", "c", "a"):
        await known.find(host)
    assert service.asked == 3


async def test_whoever_only_looks_changes_nothing_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reputation, "MOST_REMEMBERED", 2)
    service = Service()
    known = service.known()
    await known.find("a")
    for number in range(5):
        assert await known.look(f"{number}.example") is Reputation.MALICIOUS
    assert (await known.look("a"), service.asked) == (Reputation.MALICIOUS, 6)
    service.says = None
    for number in range(2 * reputation.FAILURES_UNTIL_BREAK):
        assert await known.look(f"{number}.example") is Reputation.UNKNOWN
    service.says = Reputation.SUSPICIOUS
    assert await known.find("b") is Reputation.SUSPICIOUS  # it was not left alone
    assert [known.remembered(host) for host in "abc"] == [
        Reputation.MALICIOUS, Reputation.SUSPICIOUS, Reputation.UNKNOWN,
    ]  # fmt: skip


@pytest.mark.parametrize(("fails_closed", "unheard"), [(False, Reputation.UNKNOWN), (True, Reputation.SUSPICIOUS)])
@pytest.mark.parametrize("silent", [False, True])
async def test_a_service_that_is_not_heard_fails_as_was_chosen(
    *, fails_closed: bool, unheard: Reputation, silent: bool
) -> None:
    assert await Service(None, silent=silent).known(fails_closed=fails_closed).find("a.example") is unheard


async def test_an_ill_service_is_left_alone_and_tried_again() -> None:
    service = Service(None)
    known = service.known()
    for _ in range(20):
        await known.find("a.example")
    assert service.asked == reputation.FAILURES_UNTIL_BREAK
    service.now = reputation.BREAK_SECONDS
    await known.find("a.example")
    await known.find("a.example")
    assert service.asked == reputation.FAILURES_UNTIL_BREAK + 1
    service.now, service.says = 2 * reputation.BREAK_SECONDS, Reputation.UNKNOWN
    assert await known.find("a.example") is Reputation.UNKNOWN
    service.says = None
    await known.find("b.example")
    await known.find("b.example")
    assert service.asked == reputation.FAILURES_UNTIL_BREAK + 4


async def test_what_was_said_outlives_the_health_of_who_said_it() -> None:
    service = Service()
    known = service.known()
    await known.find("a.example")
    service.now, service.says = reputation.REMEMBERED_SECONDS, None
    for _ in range(reputation.FAILURES_UNTIL_BREAK + 1):
        assert await known.find("a.example") is Reputation.MALICIOUS
    assert await known.find("b.example") is Reputation.UNKNOWN


async def test_many_who_wait_ask_once_and_who_leaves_takes_nothing_along() -> None:
    service = Service()
    known = service.known()
    waiting = [asyncio.create_task(known.find("a.example")) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    said = await asyncio.gather(*waiting, return_exceptions=True)
    assert (said[1:], service.asked) == ([Reputation.MALICIOUS] * 19, 1)


@pytest.mark.parametrize("said", Reputation)
def test_an_answer_is_read(said: Reputation) -> None:
    assert read_reputation({"reputation": said.value}) is said


@pytest.mark.parametrize("document", [None, [], {}, {"reputation": "good"}, {"reputation": None}])
def test_an_answer_that_makes_no_sense_is_none(document: JsonValue) -> None:
    with pytest.raises(ReputationUnavailable):
        read_reputation(document)
