"""Charts that the server draws: geometry only, in a box of 100 by 40; colours and words are the template's."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 100.0, 40.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, and what it stands for."""

    x: str
    y: str
    width: str
    height: str
    day: str
    count: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A series of days. Label in English; `total` and every count as the person's language writes numbers."""

    name: str
    label: str
    total: str
    bars: tuple[Bar, ...]
    first_day: str
    last_day: str


def bars_of(counts: tuple[int, ...], days: tuple[str, ...], numbers: tuple[str, ...]) -> tuple[Bar, ...]:
    """Bars of these heights side by side, the highest as high as the box; what is not zero can be seen."""
    most = max(counts, default=0) or 1
    step = WIDTH / max(len(counts), 1)
    return tuple(_bar(index, count / most, step, days[index], numbers[index]) for index, count in enumerate(counts))


def _bar(index: int, share: float, step: float, day: str, count: str) -> Bar:
    height = max(share * HEIGHT, 1.0) if share else 0.4
    return Bar(f"{index * step + 0.6:.2f}", f"{HEIGHT - height:.2f}", f"{step - 1.2:.2f}", f"{height:.2f}", day, count)
