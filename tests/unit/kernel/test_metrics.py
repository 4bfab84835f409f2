"""Figures: counted, added up over processes, and told as Prometheus reads them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.kernel.metrics import Counter, Family, Figures, Histogram, Kind, Sampled, families, render
from server.kernel.metrics.families import Series, _counted, _families, _sampled, collect
from server.kernel.metrics.sharing import Snapshot, _dump, _read_all, add_up, settle

ENDED = -1  # no process has this number


def counted(name: str = "test_things_total", **cells: float) -> dict[str, Series]:
    return {name: {(label,): [value] for label, value in cells.items()}}


def snapshot(figures: dict[str, Series], *, pid: int = 7, at: float | None = None, has_ended: bool = False) -> Snapshot:
    return Snapshot(pid, time.monotonic() if at is None else at, has_ended, figures)


def leave(folder: Path, name: str, told: Snapshot) -> None:
    (folder / f"{name}.json").write_bytes(_dump(told))


def values(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample, as Prometheus' own client reads it."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture(autouse=True)
def _things() -> Iterator[None]:
    Counter("test_things_total", "Things.", ("kind",))
    yield
    for kept in (_families, _counted, _sampled):
        for name in [name for name in kept if name.startswith("test_")]:
            del kept[name]


def test_counters_and_histograms_are_read_by_prometheus() -> None:
    things = Counter("test_things_total", 'Things, "quoted" \\ and\nover two lines.', ("kind",))
    things.add(("a",))
    things.add(("a",), 2.5)
    things.add(('b"\\\n',))
    waits = Histogram("test_wait_seconds", "Waits.", ("kind",), (0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 3.0):
        waits.observe(("a",), seconds)
    mine = {name: family for name, family in families().items() if name.startswith("test_")}
    text = render(mine, collect())
    found = values(text)
    assert found["test_things_total", (("kind", "a"),)] == 3.5
    assert found["test_things_total", (("kind", 'b"\\\n'),)] == 1
    buckets = {labels[1][1]: value for (name, labels), value in found.items() if name == "test_wait_seconds_bucket"}
    assert buckets == {"0.1": 2, "1": 3, "+Inf": 4}
    assert found["test_wait_seconds_sum", (("kind", "a"),)] == pytest.approx(3.65)
    assert found["test_wait_seconds_count", (("kind", "a"),)] == 4
    parsed = {family.name: family for family in text_string_to_metric_families(text.decode())}
    assert parsed["test_wait_seconds"].type == "histogram"
    assert parsed["test_things"].documentation == 'Things, "quoted" \\ and\nover two lines.'


def test_families_without_figures_are_left_out() -> None:
    family = Family("test_nothing", "Nothing.", Kind.GAUGE)
    assert render({"test_nothing": family}, {"test_nothing": {}}) == b""
    assert render({"test_nothing": family}, {"test_nothing": {(): [1.5]}}).endswith(b"\ntest_nothing 1.5\n")


def test_counters_of_all_processes_add_up_the_ended_included() -> None:
    total = add_up([snapshot(counted(a=1, b=2)), snapshot(counted(a=10), has_ended=True)], time.monotonic())
    assert total == counted(a=11, b=2)


def test_gauges_are_of_processes_that_live() -> None:
    name, now = "latchkey_process_uptime_seconds", time.monotonic()
    told: dict[str, Series] = {name: {(): [5.0]}}
    total = add_up(
        [
            snapshot(told, pid=1),
            snapshot(told, pid=2, has_ended=True),
            snapshot(told, pid=3, at=now - 60),
        ],
        now,
    )
    assert total == {name: {("1",): [5.0]}}


def test_buckets_of_another_release_are_not_added() -> None:
    one: dict[str, Series] = {"test_wait_seconds": {("a",): [1, 1, 1, 1]}}
    other: dict[str, Series] = {"test_wait_seconds": {("a",): [5, 5, 5]}}
    Histogram("test_wait_seconds", "Waits.", ("kind",), (0.1, 1.0))
    assert add_up([snapshot(other), snapshot(one)], time.monotonic())["test_wait_seconds"] == one["test_wait_seconds"]


def test_what_ended_processes_left_is_put_together(tmp_path: Path) -> None:
    leave(tmp_path, "one", snapshot(counted(a=1), has_ended=True))
    leave(tmp_path, "two", snapshot(counted(a=2), has_ended=True))
    leave(tmp_path, "mine", snapshot(counted(a=4), pid=os.getpid()))
    for _ in range(2):
        settle(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"settled.json", "mine.json"}
        assert add_up(_read_all(tmp_path), time.monotonic()) == counted(a=7)


def test_a_killed_process_is_settled_too(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        pass
    leave(tmp_path, "killed", snapshot(counted(a=1), pid=process.pid))
    leave(tmp_path, "ended", snapshot(counted(a=1), has_ended=True))
    settle(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["settled.json"]


async def test_processes_that_share_a_folder_tell_the_same(tmp_path: Path) -> None:
    leave(tmp_path, "other", snapshot(counted(a=4)))
    figures, things = Figures(tmp_path), Counter("test_things_total", "Things.", ("kind",))
    async with figures.kept():
        things.add(("a",))
        assert (await figures.all())["test_things_total"] == {("a",): [5]}
        # Whoever is asked next must not know less.
        assert add_up(_read_all(tmp_path), time.monotonic())["test_things_total"] == {("a",): [5]}
        things.add(("a",))
    left = add_up(_read_all(tmp_path), time.monotonic())
    assert left["test_things_total"] == {("a",): [6]}
    # The other one lives; what has ended has no uptime.
    assert left["latchkey_process_uptime_seconds"] == {}


async def test_without_a_folder_a_process_tells_its_own() -> None:
    figures = Figures(None)
    async with figures.kept():
        Counter("test_things_total", "Things.", ("kind",)).add(("a",))
        told = await figures.all()
    assert told["test_things_total"] == {("a",): [1]}
    assert list(told["latchkey_process_uptime_seconds"]) == [(str(os.getpid()),)]


async def test_a_figure_that_cannot_be_taken_does_not_take_the_others_with_it() -> None:
    async def sample() -> dict[tuple[str, ...], float]:
        raise OSError("away")

    async def other() -> dict[tuple[str, ...], float]:
        return {(): 3}

    Sampled("test_sampled", "Fails.", (), sample)
    Sampled("test_sampled_too", "Works.", (), other)
    told = await Figures(None).all()
    assert (told["test_sampled"], told["test_sampled_too"]) == ({}, {(): [3]})


def test_everything_the_process_tells_of_itself_is_read_by_prometheus() -> None:
    found = values(render(families(), add_up([snapshot(collect(), pid=7)], time.monotonic())))
    names = {name for name, _ in found}
    assert {"latchkey_build_info", "latchkey_process_cpu_seconds_total", "latchkey_password_hashing"} <= names
    assert found["latchkey_process_resident_memory_bytes", (("pid", "7"),)] > 1024**2
