"""Request rates, by the clock of one process."""

import pytest

from server.kernel import rate_limits
from server.kernel.clock import HOUR, MINUTE, SECOND
from server.kernel.rate_limits import MemoryRates, RateLimit, RateVerdict, hit

TEN_A_MINUTE = RateLimit(10, MINUTE)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate_limits, "steady", clock)
    return clock


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "_rates", MemoryRates())


async def test_the_whole_allowance_may_be_used_at_once(clock: Clock) -> None:
    verdicts = [await hit("token", "acme", TEN_A_MINUTE) for _ in range(11)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False]
    assert [verdict.remaining for verdict in verdicts] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert verdicts[0] == RateVerdict(allowed=True, limit=10, remaining=9, reset_seconds=6)
    assert verdicts[9].reset_seconds == 60
    assert verdicts[10].reset_seconds == 6
    assert rate_limits.refused()["token"].times > 0


async def test_then_it_comes_back_evenly(clock: Clock) -> None:
    for _ in range(10):
        await hit("token", "acme", TEN_A_MINUTE)
    clock.now += 5_999_999
    assert not (await hit("token", "acme", TEN_A_MINUTE)).allowed
    clock.now += 1
    assert (await hit("token", "acme", TEN_A_MINUTE)).allowed
    assert not (await hit("token", "acme", TEN_A_MINUTE)).allowed
    clock.now += MINUTE
    assert (await hit("token", "acme", TEN_A_MINUTE)).remaining == 9


async def test_names_and_keys_are_counted_apart(clock: Clock) -> None:
    once = RateLimit(1, MINUTE)
    assert (await hit("token", "acme", once)).allowed
    assert (await hit("token", "other", once)).allowed
    assert (await hit("register", "acme", once)).allowed
    assert not (await hit("token", "acme", once)).allowed


async def test_everything_passes_when_limits_are_off(clock: Clock) -> None:
    rate_limits.open_rate_limits(None, on=False)
    for _ in range(20):
        assert (await hit("token", "acme", TEN_A_MINUTE)).allowed
    rate_limits.open_rate_limits(None, on=True)
    rate_limits.close_rate_limits()
    assert (await hit("token", "acme", TEN_A_MINUTE)).allowed


async def test_what_nobody_uses_any_more_is_forgotten(clock: Clock) -> None:
    rates = MemoryRates()
    await rates.delay("rare", RateLimit(1, HOUR))
    for number in range(1000):
        clock.now += SECOND
        await rates.delay(f"address {number}", TEN_A_MINUTE)
    assert sum(map(len, rates._full_at.values())) < 15
