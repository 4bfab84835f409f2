"""Identifiers that sort by time, and their short form."""

from uuid import RFC_4122, uuid4

import pytest

from server.kernel import ids


@pytest.fixture(autouse=True)
def _own_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever time it is here, the ids of other tests go on from where they were."""
    monkeypatch.setattr(ids, "_last", ids._last)


@pytest.mark.rfc("9562", "5.7")
def test_ids_are_uuids_of_version_7() -> None:
    made = ids.uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)


@pytest.mark.rfc("9562", "6.2")
def test_ids_grow_though_the_clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 2_000_000_000_123_456_789)
    made = [ids.uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_grow_though_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids.uuid7()
    monkeypatch.setattr("time.time_ns", lambda: 1_000_000_000_000_000_000)
    assert ids.uuid7() > before


def test_the_end_of_an_id_is_random() -> None:
    assert len({ids.uuid7().hex[-15:] for _ in range(1000)}) == 1000


def test_the_short_form_comes_back_as_it_was() -> None:
    for identifier in (uuid4() for _ in range(100)):
        short = ids.to_short(identifier)
        assert len(short) == 22
        assert ids.from_short(short) == identifier


@pytest.mark.parametrize("text", ["", "a" * 21, "a" * 23, "a" * 21 + "b", "ä" * 22, "=" * 22, "a" * 21 + "=", "+" * 22])
def test_anything_else_is_no_short_form(text: str) -> None:
    assert ids.from_short(text) is None
