"""The text that Prometheus reads. Prometheus text exposition format 0.0.4."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from .families import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .families import Family, Labels, Series

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render(families: Mapping[str, Family], figures: Mapping[str, Series]) -> bytes:
    """Every family that has figures, in the order of their names."""
    lines = (line for name in sorted(families) if figures.get(name) for line in _family(families[name], figures[name]))
    return "".join(f"{line}\n" for line in lines).encode()


def _family(family: Family, series: Series) -> Iterator[str]:
    yield f"# HELP {family.name} {_escape(family.help)}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, cell in sorted(series.items()):
        # How a process is stands under its pid; what all counted, and what the installation was asked, does not.
        names = family.labels if len(labels) == len(family.labels) else (*family.labels, "pid")
        if family.kind is Kind.HISTOGRAM:
            yield from _histogram(family, names, labels, cell)
        else:
            yield _line(family.name, names, labels, cell[0])


def _histogram(family: Family, names: Labels, labels: Labels, cell: Sequence[float]) -> Iterator[str]:
    *counts, total = cell
    running = list(accumulate(counts))
    for bound, count in zip((*map(_number, family.bounds), "+Inf"), running, strict=True):
        yield _line(f"{family.name}_bucket", (*names, "le"), (*labels, bound), count)
    yield _line(f"{family.name}_sum", names, labels, total)
    yield _line(f"{family.name}_count", names, labels, running[-1])


def _line(name: str, names: Labels, values: Labels, number: float) -> str:
    pairs = ",".join(
        f'{label}="{_escape(value).replace(chr(34), chr(92) + chr(34))}"'
        for label, value in zip(names, values, strict=True)
    )
    return f"{name}{{{pairs}}} {_number(number)}" if pairs else f"{name} {_number(number)}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
