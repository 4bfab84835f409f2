"""A table of the kernel's own tests, and servers that can be killed and started again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.kernel import database
from tests.support.killable import Killable, killable_postgresql, killable_redis


@pytest.fixture
def trusted_caches() -> None:
    """Here caches are as careful as in operation."""


@pytest.fixture
async def notes(storage: None) -> AsyncIterator[None]:
    """An empty table: note (id, words unique, seen, pinned)."""
    kind = "UUID" if database.is_postgresql() else "CHAR(36)"
    await database.execute("DROP TABLE IF EXISTS note")
    await database.execute(f"CREATE TABLE note (id {kind} PRIMARY KEY, words TEXT UNIQUE, seen BIGINT, pinned BOOLEAN)")
    yield
    await database.execute("DROP TABLE note")


@pytest.fixture(scope="module")
def _cluster() -> Iterator[Killable]:
    with killable_postgresql() as server:
        yield server


@pytest.fixture
def postgresql(_cluster: Killable) -> Killable:
    """A running PostgreSQL that is not the one of the other tests."""
    if _cluster.process is None:
        _cluster.start()
    return _cluster


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Killable]:
    """A Redis that is not the one of the other tests."""
    with killable_redis(tmp_path) as server:
        yield server
