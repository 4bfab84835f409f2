"""Families of figures. Counting is a look into a dictionary and an addition: nothing is locked, written or formatted.

Only the thread of the event loop counts. Prometheus' data model.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

Labels = tuple[str, ...]
# For each combination of labels: one number, or the counts of a histogram's buckets and the sum of what it saw.
Series = dict[Labels, list[float]]
Read = Callable[[], Mapping[Labels, float]]
Sample = Callable[[], Awaitable[Mapping[Labels, float]]]


class Kind(StrEnum):
    """How a family behaves, in Prometheus' words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """A name with its meaning, the names of its labels and, for a histogram, the upper bounds of its buckets."""

    name: str
    help: str
    kind: Kind
    labels: Labels = ()
    bounds: tuple[float, ...] = ()


_families: dict[str, Family] = {}
_counted: dict[str, Series] = {}
_readings: dict[str, Read] = {}
_sampled: dict[str, Sample] = {}


class Counter:
    """A number that only grows."""

    __slots__ = ("_series",)

    def __init__(self, name: str, help: str, labels: Labels = ()) -> None:  # noqa: A002 - Prometheus' word for it
        self._series = _counted.setdefault(_register(Family(name, help, Kind.COUNTER, labels)), {})

    def add(self, labels: Labels = (), amount: float = 1) -> None:
        """Count; the labels' values in the order of their names."""
        cell = self._series.get(labels)
        if cell is None:
            cell = self._series[labels] = [0]
        cell[0] += amount


class Histogram:
    """How often, and how long: counts of durations in seconds, by bucket."""

    __slots__ = ("_bounds", "_series")

    def __init__(self, name: str, help: str, labels: Labels, bounds: tuple[float, ...]) -> None:  # noqa: A002 - see above
        self._bounds = bounds
        self._series = _counted.setdefault(_register(Family(name, help, Kind.HISTOGRAM, labels, bounds)), {})

    def observe(self, labels: Labels, seconds: float) -> None:
        """Count one duration."""
        cell = self._series.get(labels)
        if cell is None:
            # The last bucket has no bound; behind it is the sum.
            cell = self._series[labels] = [0] * (len(self._bounds) + 2)
        cell[bisect_left(self._bounds, seconds)] += 1
        cell[-1] += seconds


class Reading:
    """Figures of a process that something else keeps, read when they are wanted."""

    def __init__(self, family: Family, read: Read) -> None:
        _readings[_register(family)] = read


class Sampled:
    """A gauge of the whole installation: whichever process is asked finds out. What fails or dawdles is left out."""

    def __init__(self, name: str, help: str, labels: Labels, sample: Sample | None = None) -> None:  # noqa: A002 - see above
        self._name = _register(Family(name, help, Kind.GAUGE, labels))
        self.ask(sample or _nothing)

    def ask(self, sample: Sample) -> None:
        """Find out from this one, from now on."""
        _sampled[self._name] = sample


def families() -> Mapping[str, Family]:
    """Every family, by name."""
    return MappingProxyType(_families)


def samples() -> Mapping[str, Sample]:
    """Where the gauges of the installation come from."""
    return MappingProxyType(_sampled)


def collect() -> dict[str, Series]:
    """What this process counted and how it is now."""
    read = {name: {labels: [value] for labels, value in get().items()} for name, get in _readings.items()}
    return {**_counted, **read}


async def _nothing() -> Mapping[Labels, float]:
    return {}


def _register(family: Family) -> str:
    # The same family again: an application is made anew in the same process.
    _families[family.name] = family
    return family.name
