"""Instants, durations and how they are written."""

import pytest

from server.kernel import clock
from server.kernel.clock import DAY, HOUR, MINUTE, SECOND


@pytest.mark.parametrize(
    ("text", "duration"), [("90s", 90 * SECOND), ("10m", 10 * MINUTE), ("8h", 8 * HOUR), ("30d", 30 * DAY)]
)
def test_durations_are_read_and_written_alike(text: str, duration: int) -> None:
    assert clock.parse_duration(text) == duration
    assert clock.format_duration(duration) == text


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "1.5h", "10 m", "10M", "1h30m", "1234567s", "\u0661m"])
def test_other_spellings_of_a_duration_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        clock.parse_duration(text)


def test_a_duration_is_written_in_the_largest_unit_that_fits() -> None:
    assert clock.format_duration(90 * MINUTE) == "90m"
    assert clock.format_duration(120 * MINUTE) == "2h"
    assert clock.format_duration(0) == "0s"


@pytest.mark.rfc("7519", "2")
def test_numeric_dates_are_whole_seconds() -> None:
    assert clock.to_seconds(1_700_000_000_999_999) == 1_700_000_000


def test_now_is_counted_in_microseconds() -> None:
    assert 1_600_000_000 * SECOND < clock.now() < 5_000_000_000 * SECOND
