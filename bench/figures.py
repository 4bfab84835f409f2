"""The figures of `make bench-growth` by size, and whether they are what was aimed at."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from bench import report

if TYPE_CHECKING:
    from bench.wrk import Run

BySize = dict[str, dict[str, float]]  # size, name
MEMORY, COLD = 300.0, 20.0  # megabytes, milliseconds
FLAT, TWICE = 1.3, 1.7


@dataclass(slots=True)
class Growth:
    """What was measured: for each size its figures by name, and what went wrong."""

    seconds: int
    busy: float = field(default_factory=lambda: os.getloadavg()[0])
    figures: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)  # by kind, size and name
    problems: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str, size: str, **figures: float) -> None:
        """Keep figures, and show them to whoever watches."""
        named = {name.replace("_", " "): figure for name, figure in figures.items()}
        self.figures.setdefault(kind, {}).setdefault(size, {}).update(named)
        click.echo(
            f"{size}: " + ", ".join(f"{name} {report.number(figure)}" for name, figure in named.items()), err=True
        )

    def note_run(self, kind: str, size: str, what: str, run: Run) -> None:
        """The figures of one run of the load generator."""
        facts = {"per s": run.rate, "p50 ms": run.p50 / 1000, "p99 ms": run.p99 / 1000}
        facts["server µs"] = run.server_microseconds
        self.note(kind, size, **{f"{what}, {name}": figure for name, figure in facts.items()})
        if run.errors:
            self.problems[f"{what}, {size}"] = run.errors

    def text(self) -> str:
        """Everything in Markdown, what falls short first."""
        lines = [f'`make bench-growth ARGS="--seconds {self.seconds}"`: {report.machine(self.busy)}', ""]
        lines += [f"**ERRORS: {number} in {what}**\n" for what, number in self.problems.items()]
        lines += [f"- {verdict}" for kind, by_size in self.figures.items() for verdict in _verdicts(kind, by_size)]
        lines.append("")
        for by_size in self.figures.values():
            rows = [["", *by_size]]
            for name, figures in turned(by_size).items():
                rows.append([name, *(report.number(figures[size]) if size in figures else "" for size in by_size)])
            lines += report.markdown(rows)
        return "\n".join(lines)


def turned(by_size: BySize) -> BySize:
    """By name, and then by size."""
    names = dict.fromkeys(name for figures in by_size.values() for name in figures)
    return {name: {size: figures[name] for size, figures in by_size.items() if name in figures} for name in names}


def _verdicts(kind: str, by_size: BySize) -> list[str]:
    if len(by_size) < 2:  # noqa: PLR2004 - nothing to compare
        return []
    least, most = next(iter(by_size)), list(by_size)[-1]
    small, large = by_size[least], by_size[most]
    match kind:
        case "tenants":
            return [
                _at_most(f"memory with {most}, all of them used, MB", large["memory after the load MB"], MEMORY),
                _at_most(f"first token of a cold one of {most}, ms", large["first token of a cold tenant ms"], COLD),
                *(
                    _at_most(
                        f"{what}, {most} in turn beside one, server µs, times",
                        large[f"{what}, all in turn, server µs"] / large[f"{what}, one tenant, server µs"],
                        FLAT,
                    )
                    for what in ("token", "discovery")
                ),
                *(
                    _at_most(f"{what} with {most} beside {least}, times", large[f"{what} s"] / small[f"{what} s"], FLAT)
                    for what in ("export", "apply")
                ),
            ]
        case "people":
            name = "refresh, server µs"
            return [_at_most(f"refresh with {most} beside {least}, server µs, times", large[name] / small[name], FLAT)]
        case _:
            return [
                _at_least(f"{name}, {most} beside {least}, times", large[name] / small[name], TWICE)
                for name in large
                if name.endswith("per s")
            ]


def _at_most(what: str, figure: float, aim: float) -> str:
    return f"{what}: {figure:,.3g} (at most {aim:g}){'' if figure <= aim else ' **falls short**'}"


def _at_least(what: str, figure: float, aim: float) -> str:
    return f"{what}: {figure:,.3g} (at least {aim:g}){'' if figure >= aim else ' **falls short**'}"
