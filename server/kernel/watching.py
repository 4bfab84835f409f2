"""Somebody who wants to know of each statement and how long it took; nobody, unless requests are traced.

Who watches is set before the database is opened, and is called in the context of the task that ran the statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

# The statement, its seconds, and what went wrong with it. Arguments are never told: secrets are among them.
Watcher: TypeAlias = Callable[[str, float, BaseException | None], None]

_watcher: Watcher | None = None


def watch(watcher: Watcher | None) -> None:
    """Tell this one of each statement; None: nobody."""
    global _watcher  # noqa: PLW0603  one watcher a process
    _watcher = watcher


def watcher() -> Watcher | None:
    """Who watches."""
    return _watcher
