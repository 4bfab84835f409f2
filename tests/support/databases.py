"""Real databases for tests: a folder of SQLite files, or a PostgreSQL cluster of our own.

A cluster lives in a temporary folder, listens on loopback, trusts whoever connects, never syncs, and does not stay.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.support.ports import LOOPBACK, NeverListened, free_port, wait_until_open

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_WITHIN = 120.0  # seconds; generous, since test machines are shared
_OWNER = "latchkey"
_INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
_NUMBERS = count(1)
_PROJECT = Path(__file__).parents[2]
_MIGRATING = "import asyncio, sys; from server.kernel import migrations; asyncio.run(migrations.migrate(sys.argv[1]))"


class MissingProgram(Exception):
    """A program that the tests need is not installed; the message says what to do."""


class DatabaseServer(Protocol):
    """Where tests get empty databases from."""

    async def create_database(self) -> str:
        """Make an empty database; its URL."""
        ...

    async def create_migrated(self) -> str:
        """Make a database without rows, of today's schema; its URL. A copy of one that was migrated once."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteFolder:
    """Each database is a file in one folder."""

    folder: Path

    async def create_database(self) -> str:
        """Name a new file; SQLite makes it when it is opened."""
        return f"sqlite://{self._new_file()}"

    async def create_migrated(self) -> str:
        """Copy a file."""
        template, copy = self.folder / "template.sqlite3", self._new_file()
        if not template.exists():
            await _migrate(f"sqlite://{template}")
        shutil.copy(template, copy)  # with its mode, 0600
        return f"sqlite://{copy}"

    def _new_file(self) -> Path:
        return self.folder / f"latchkey-{next(_NUMBERS)}.sqlite3"


@dataclass(slots=True)
class PostgresqlServer:
    """Each database is one of a server whose maintenance database the URL names."""

    url: str
    template: str | None = None  # the name of the database that others are copies of

    async def create_database(self) -> str:
        """CREATE DATABASE, under a name of this process."""
        return self._url_of(await self._create())

    async def create_migrated(self) -> str:
        """CREATE DATABASE … TEMPLATE."""
        if self.template is None:
            name = await self._create()
            await _migrate(self._url_of(name))
            self.template = name
        return self._url_of(await self._create(self.template))

    async def _create(self, template: str = "template1") -> str:
        name = f"latchkey_{os.getpid()}_{next(_NUMBERS)}"
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await connection.close()
        return name

    def _url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))


async def _migrate(url: str) -> None:
    """In a process of its own, where nobody counts lines: that takes twice as long as the migrations do."""
    migrating = await asyncio.create_subprocess_exec(sys.executable, "-c", _MIGRATING, url, cwd=_PROJECT)
    if await migrating.wait() != 0:
        raise RuntimeError("the template of the databases could not be migrated")


@contextmanager
def postgresql_cluster() -> Iterator[PostgresqlServer]:
    """Start a cluster of our own and stop it at the end. It refuses to run as root, so root runs it as `postgres`."""
    programs = _postgresql_programs()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="latchkey-postgresql-"))
    if user:
        shutil.chown(folder, user, user)
    data, port = folder / "data", free_port()
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", _OWNER, *_INITDB]
    try:
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)
        with subprocess.Popen(
            _postgres(programs, data, port), stderr=subprocess.DEVNULL, user=user, cwd=folder
        ) as server:
            try:
                wait_until_open(port, server)
                _wait_until_ready(programs, port)
                yield PostgresqlServer(f"postgres://{_OWNER}@{LOOPBACK}:{port}/postgres")
            finally:
                server.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres(programs: Path, data: Path, port: int) -> list[str]:
    settings = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": str(data),
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": "200",
    }
    return [str(programs / "postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]


def _wait_until_ready(programs: Path, port: int) -> None:
    """A cluster listens a moment before it lets anybody in, and longer after it was killed."""
    asking = [str(programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port)]
    deadline = time.monotonic() + READY_WITHIN
    while subprocess.run(asking, check=False).returncode != 0:
        if time.monotonic() > deadline:
            raise NeverListened(f"PostgreSQL let nobody in within {READY_WITHIN:.0f} s")
        time.sleep(0.05)


def _postgresql_programs() -> Path:
    """The folder of `initdb` and `postgres`: Debian keeps them out of PATH, one folder for each major version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if folders:
        return folders[-1].parent
    raise MissingProgram(
        "PostgreSQL is not installed: apt-get install postgresql, or name a server in TEST_DATABASE_URL"
    )


@contextmanager
def redis_server() -> Iterator[str]:
    """Start a Redis of our own, which keeps nothing on disk; its URL."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise MissingProgram("Redis is not installed: apt-get install redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
    with (
        tempfile.TemporaryDirectory(prefix="latchkey-redis-") as folder,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder) as server,
    ):
        try:
            wait_until_open(port, server)
            yield f"redis://{LOOPBACK}:{port}/0"
        finally:
            server.terminate()
