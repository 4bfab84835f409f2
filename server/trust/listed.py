"""The data that trust ships: one entry a line, and where it is from in the lines that begin with #."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=8)
def listed(name: str) -> frozenset[str]:
    """The entries of a list."""
    return frozenset(" ".join(record) for record in records(name))


def records(name: str) -> list[list[str]]:
    """The entries of a table, each as its columns."""
    text = (files("server.trust") / "data" / name).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
