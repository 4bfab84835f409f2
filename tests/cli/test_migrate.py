"""`latchkey migrate`."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.cli.test_usage import processes_with
from tests.support.processes import PROGRAM, Installation


@pytest.fixture
async def empty(installation: Installation, new_database: Callable[[], Awaitable[str]], tmp_path: Path) -> Installation:
    """An installation whose database is empty."""
    variables = {"LATCHKEY_DATABASE_URL": await new_database(), "LATCHKEY_SECRET_KEY": secrets.token_hex(32)}
    return processes_with(installation, **variables)


def test_commands_ask_for_a_migrated_database(empty: Installation) -> None:
    done = empty.attempt("export", "acme")
    assert (done.returncode, done.stderr) == (1, "Error: the database is empty: run latchkey migrate\n")


def test_migration_runs_once(empty: Installation) -> None:
    assert "migrated 0001_initial" in empty.attempt("migrate").stderr
    again = empty.attempt("migrate")
    assert (again.returncode, again.stderr) == (0, "The database is up to date.\n")
    assert empty.attempt("doctor").returncode == 0


def test_migrations_at_the_same_time_take_turns(empty: Installation) -> None:
    running = [
        subprocess.Popen([str(PROGRAM), "migrate"], env=dict(empty.environment), stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    told = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert sum("migrated 0001_initial" in text for text in told) == 1
    assert empty.attempt("doctor").returncode == 0
