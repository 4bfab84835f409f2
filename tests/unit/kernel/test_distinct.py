"""Counting different ones in bounded memory."""

from __future__ import annotations

from uuid import uuid4

import pytest

from server.kernel import ids
from server.kernel.distinct import MOST_KEPT, Distinct


@pytest.mark.parametrize("make", [uuid4, ids.uuid7])
def test_few_are_counted_exactly_and_once(make: type) -> None:
    count, values = Distinct(), [make() for _ in range(MOST_KEPT)]
    for value in (*values, *values):
        count.add(value)
    assert (count.total, count.is_exact) == (MOST_KEPT, True)


def test_many_are_estimated_in_memory_that_does_not_grow() -> None:
    count, values = Distinct(), [ids.uuid7() for _ in range(100_000)]
    for value in (*values, *values[:50_000]):
        count.add(value)
    assert not count.is_exact
    assert len(count._kept) <= 2 * MOST_KEPT
    assert count.total == pytest.approx(100_000, rel=0.25)  # eight standard deviations


def test_nobody_is_nobody() -> None:
    assert Distinct().total == 0
