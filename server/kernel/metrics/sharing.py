"""The figures of all processes of a server, added up.

Each process writes what it counted into a file of its own, once a second and at its end; whoever is asked writes
its own, and adds up all files. So no figure that was told is ever taken back, whichever process is asked next.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from server.kernel import logs, tasks
from server.kernel.clock import SECOND

from .families import Kind, Series, collect, families, samples

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from pathlib import Path

    from .families import Sample

log = logs.get_logger(__name__)

# A process that has written nothing for so long is gone, or hangs: how it was is of no interest any more.
GAUGES_COUNT_FOR = 5.0  # seconds
SAMPLE_SECONDS = 2.0
SETTLED = "settled.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a process had counted, at a time of the machine's monotonic clock; without gauges when it has ended."""

    pid: int
    at: float
    has_ended: bool
    figures: Mapping[str, Series]


class Figures:
    """The figures of the processes that share a folder; without one, those of this process alone."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._path = folder / f"{os.getpid()}-{time.monotonic_ns()}.json" if folder else None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write them as long as the process serves."""
        if self._folder is None:
            yield
            return
        settle(self._folder)
        self._write()

        async def write() -> None:
            self._write()

        writing = tasks.every(SECOND, write, "write figures")
        try:
            yield
        finally:
            writing.cancel()
            self._write(has_ended=True)

    async def all(self) -> dict[str, Series]:
        """What all processes counted, how those that live are, and what the installation is asked about."""
        told = [_own(has_ended=False)] if self._folder is None else await self._shared(self._folder)
        return {**add_up(told, time.monotonic()), **await _sample()}

    async def _shared(self, folder: Path) -> list[Snapshot]:
        self._write()
        return await asyncio.to_thread(_read_all, folder)

    def _write(self, *, has_ended: bool = False) -> None:
        # Not in a thread: an older state must never replace a newer one, and some kilobytes in memory take no time.
        if self._path is not None:
            _replace(self._path, _dump(_own(has_ended=has_ended)))


def add_up(told: Iterable[Snapshot], now: float) -> dict[str, Series]:
    """Counters and histograms of all, and the gauges of those that live, told apart by `pid`."""
    known, total = families(), dict[str, Series]()
    for snapshot in told:
        is_alive = not snapshot.has_ended and now - snapshot.at < GAUGES_COUNT_FOR
        for name, series in snapshot.figures.items():
            family, added = known.get(name), total.setdefault(name, {})
            if family is not None and family.kind is not Kind.GAUGE:
                _add(added, series)
            elif is_alive:
                added.update({(*labels, str(snapshot.pid)): cell for labels, cell in series.items()})
    return total


def settle(folder: Path) -> None:
    """Put together what processes left that are gone, so that many that came and went make no heap of files."""
    with _locked(folder, fcntl.LOCK_EX):
        left = {path: snapshot for path, snapshot in _read(folder) if not _is_running(snapshot)}
        if len(left) > 1:
            total = {name: series for name, series in add_up(left.values(), time.monotonic()).items() if series}
            _replace(folder / SETTLED, _dump(Snapshot(0, 0.0, has_ended=True, figures=total)))
            for path in left:
                if path.name != SETTLED:
                    path.unlink(missing_ok=True)


def _own(*, has_ended: bool) -> Snapshot:
    return Snapshot(os.getpid(), time.monotonic(), has_ended, collect())


def _add(total: Series, series: Series) -> None:
    for labels, cell in series.items():
        before = total.get(labels)
        # Of another length: buckets of another release, whose counts mean something else.
        if before is None or len(before) != len(cell):
            total[labels] = list(cell)
        else:
            total[labels] = [one + other for one, other in zip(before, cell, strict=True)]


def _is_running(snapshot: Snapshot) -> bool:
    if snapshot.has_ended:
        return False
    try:
        os.kill(snapshot.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read_all(folder: Path) -> list[Snapshot]:
    with _locked(folder, fcntl.LOCK_SH):
        return [snapshot for _, snapshot in _read(folder)]


def _read(folder: Path) -> Iterator[tuple[Path, Snapshot]]:
    for path in sorted(folder.glob("*.json")):
        document = orjson.loads(path.read_bytes())
        figures = {
            name: {tuple(labels): cell for labels, cell in series} for name, series in document["figures"].items()
        }
        yield path, Snapshot(document["pid"], document["at"], document["has_ended"], figures)


def _dump(snapshot: Snapshot) -> bytes:
    figures = {name: [[labels, cell] for labels, cell in series.items()] for name, series in snapshot.figures.items()}
    return orjson.dumps({"pid": snapshot.pid, "at": snapshot.at, "has_ended": snapshot.has_ended, "figures": figures})


def _replace(path: Path, content: bytes) -> None:
    """Write a file that others see whole or not at all. It need not outlive the machine."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


async def _sample() -> dict[str, Series]:
    taken = await asyncio.gather(*(_taken(name, sample) for name, sample in samples().items()))
    return dict(taken)


async def _taken(name: str, sample: Sample) -> tuple[str, Series]:
    try:
        async with asyncio.timeout(SAMPLE_SECONDS):
            return name, {labels: [value] for labels, value in (await sample()).items()}
    except Exception as error:  # noqa: BLE001 - one figure that is missing must not take the others with it
        log.warning("a figure could not be taken", figure=name, why=f"{type(error).__name__}: {error}")
        return name, {}
