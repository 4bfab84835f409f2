"""When a job is tried again, and when a schedule is due."""

import pytest

from server.jobs.policy import CLOCK_TOLERANCE, FIRST_DELAY, LONGEST_DELAY, retry_delay, wait_until_due
from server.kernel.clock import HOUR, MINUTE, SECOND

NOW = 1_900_000_000 * SECOND


def test_delays_double_up_to_the_longest() -> None:
    delays = [retry_delay(attempts, 0.0) for attempts in range(1, 13)]
    assert delays[:4] == [FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY, 8 * FIRST_DELAY]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY
    assert retry_delay(10_000, 0.0) == LONGEST_DELAY


def test_twelve_attempts_outlast_two_hours() -> None:
    assert sum(retry_delay(attempts, 0.0) for attempts in range(1, 12)) > 2 * HOUR


@pytest.mark.parametrize("attempts", [1, 5, 12])
def test_spread_takes_away_up_to_a_half(attempts: int) -> None:
    full = retry_delay(attempts, 0.0)
    assert retry_delay(attempts, 1.0) == full // 2
    assert full // 2 < retry_delay(attempts, 0.5) < full


def test_a_schedule_that_never_ran_is_due() -> None:
    assert wait_until_due(None, MINUTE, NOW) == 0


def test_a_schedule_is_due_a_period_after_its_last_start() -> None:
    assert wait_until_due(NOW, MINUTE, NOW) == MINUTE
    assert wait_until_due(NOW - MINUTE + 1, MINUTE, NOW) == 1
    assert wait_until_due(NOW - MINUTE, MINUTE, NOW) == 0
    assert wait_until_due(NOW - HOUR, MINUTE, NOW) == 0


def test_a_clock_that_was_set_back_stops_no_schedule() -> None:
    assert wait_until_due(NOW + CLOCK_TOLERANCE + 1, HOUR, NOW) == 0


def test_clocks_that_differ_a_little_make_nobody_hurry() -> None:
    assert wait_until_due(NOW + CLOCK_TOLERANCE, HOUR, NOW) == HOUR + CLOCK_TOLERANCE
