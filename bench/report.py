"""Where results go: bench/README.md between two marks, pictures beside it, and the terminal."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
PICTURES = FOLDER / "results"


def write(part: str, text: str) -> None:
    """Put a part of the results into bench/README.md."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    before, found, rest = README.read_text(encoding="utf-8").partition(begin)
    assert found, f"bench/README.md has no place for {part}"
    README.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def draw(name: str, svg: str) -> None:
    """Keep a picture that bench/README.md shows."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")


def end_loudly(errors: Mapping[str, int]) -> None:
    """End with exit code 1 when anything went wrong: what was measured then is not what was asked for."""
    for what, number in errors.items():
        click.secho(f"ERRORS: {number} in {what}", fg="red", bold=True, err=True)
    if errors:
        sys.exit(1)


def markdown(rows: Iterable[Iterable[str]]) -> list[str]:
    """A table whose first row is its head, numbers to the right."""
    head, *body = [list(row) for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---", *("---:" for _ in head[1:])], *body)] + [""]


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def machine(busy: float) -> str:
    """What a run was made on; `busy` is the load average before it."""
    cores = len(os.sched_getaffinity(0))
    answer = subprocess.run(["psql", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\d+(\.\d+)?", answer)
    quiet = "" if busy < 1 else " **The machine was busy: these figures say little.**"
    return (
        f"{cores} cores, Python {platform.python_version()}, PostgreSQL {version[0] if version else 'unknown'}, "
        f"everything on the same machine; load average {busy:.1f} before the run.{quiet}"
    )
