"""docs/how-to/back-up-and-restore.md, as it is written: its commands are run here, and its warnings are true."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from tests.actors import EndUser, RelyingParty
from tests.house.sources import ROOT
from tests.support.databases import _postgresql_programs
from tests.support.processes import Installation, install, serving
from tests.support.serving import ACME, WEB_CALLBACK, WEB_SECRET
from tests.support.steady_load import ANSWER_WITHIN

PAGE = (ROOT / "docs" / "how-to" / "back-up-and-restore.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^<!-- tested: ([^\n]*) -->\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
REFUSED = httpx2.codes.BAD_REQUEST


@dataclass(frozen=True, slots=True)
class Place:
    """A checkout as the page sees it: `.venv`, `var/` and a folder for backups."""

    kind: str  # SQLite or PostgreSQL, as the page spells them
    installation: Installation
    new_database: Callable[[], Awaitable[str]]

    @property
    def folder(self) -> Path:
        return self.installation.directory

    def follow(self, block: str) -> None:
        """Do what the page says."""
        programs = str(_postgresql_programs()) if self.kind == "PostgreSQL" else ""
        environment = {
            **self.installation.environment,
            "BACKUPS": str(self.folder / "backups"),
            "PATH": os.pathsep.join(filter(None, (programs, os.environ["PATH"]))),
        }
        subprocess.run(["sh", "-eu", "-c", BLOCKS[block]], cwd=self.folder, env=environment, check=True, timeout=180)

    async def destroyed(self) -> Place:
        """The database is gone; where the next one will be."""
        if self.kind == "SQLite":
            for path in (self.folder / "var").glob("latchkey.sqlite3*"):
                path.write_bytes(b"rubbish")
            return self
        url = await self.new_database()
        await _drop(self.installation.database_url, url)
        environment = {**self.installation.environment, "LATCHKEY_DATABASE_URL": url}
        return replace(self, installation=replace(self.installation, database_url=url, environment=environment))


@pytest.fixture
async def place(
    request: pytest.FixtureRequest,
    new_database: Callable[[], Awaitable[str]],
    new_migrated_database: Callable[[], Awaitable[str]],
    tmp_path: Path,
) -> Place:
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / "backups").mkdir()
    if request.config.getoption("--database") == "postgresql":
        kind, url = "PostgreSQL", await new_migrated_database()
    else:
        kind, url = "SQLite", f"sqlite://{tmp_path}/var/latchkey.sqlite3"
    installation = await asyncio.to_thread(install, tmp_path, database_url=url, manifests=[ACME])
    return Place(kind, installation, new_database)


async def test_a_backup_brings_back_all_that_was_and_the_page_ends_it(place: Place) -> None:
    async with client_of(place) as client:
        kept, revoked, rotated = [await sign_in(client) for _ in range(3)]
        statuses = await under_traffic(client, lambda: place.follow(f"back up {place.kind}"))
        assert set(statuses) == {200}
        assert (await client.revoke(revoked)).status_code == 200
        successor = (await client.refresh(rotated)).json()["refresh_token"]
        lost = await sign_in(client)
    check_private(place)

    place = await place.destroyed()
    await asyncio.to_thread(place.follow, f"restore {place.kind}")
    check_worthless_under_another_secret(place)
    await asyncio.to_thread(place.follow, "look")

    async with client_of(place) as client:
        assert (await client.refresh(lost)).status_code == REFUSED
        assert (await client.refresh(successor)).status_code == REFUSED
        place.installation.run("keys", "rotate", "acme")
        alive = [(await client.refresh(token)) for token in (kept, revoked, rotated)]
        assert [answer.status_code for answer in alive] == [200, 200, 200]
        await sign_in(client)

        (place.folder / "end.sql").write_text(BLOCKS["end.sql"])
        await asyncio.to_thread(place.follow, f"end on {place.kind}")
        ended = [await client.refresh(answer.json()["refresh_token"]) for answer in alive]
        assert [answer.status_code for answer in ended] == [REFUSED] * 3
        assert (await client.userinfo(alive[0].json()["access_token"])).status_code == httpx2.codes.UNAUTHORIZED
        await sign_in(client)


def test_every_command_of_the_page_is_run() -> None:
    shown = re.findall(r"^```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown == list(BLOCKS.values())


def check_private(place: Place) -> None:
    """A backup is for its owner alone."""
    assert [path.stat().st_mode & 0o077 for path in (place.folder / "backups").iterdir()] == [0]


def check_worthless_under_another_secret(place: Place) -> None:
    """Without its master secret nobody can do anything with what was restored."""
    environment = {**place.installation.environment, "LATCHKEY_SECRET_KEY": "a secret that it was not made under"}
    looked_at = replace(place.installation, environment=environment).attempt("doctor")
    assert looked_at.returncode == 1
    assert "problem  keys" in looked_at.stderr


@asynccontextmanager
async def client_of(place: Place) -> AsyncIterator[RelyingParty]:
    """An application, while the place serves."""
    with serving(place.installation) as (server,):
        async with httpx2.AsyncClient(base_url=server.url, timeout=ANSWER_WITHIN) as http:
            issuer = place.installation.issuer("acme")
            yield RelyingParty(http, issuer, "webapp", redirect_uri=WEB_CALLBACK, client_secret=WEB_SECRET)


async def sign_in(client: RelyingParty) -> str:
    """Whole, by somebody who just came; the refresh token."""
    client.http.cookies.clear()
    attempt = client.begin(scope="openid offline_access")
    code = (await EndUser(client.http).authorize(attempt.url)).answer["code"]
    return str((await client.redeem(code, attempt)).json()["refresh_token"])


async def under_traffic(client: RelyingParty, work: Callable[[], None]) -> list[int]:
    """Do it while a client refreshes without a pause; the status of every answer."""
    token, statuses = await sign_in(client), list[int]()
    working = asyncio.create_task(asyncio.to_thread(work))
    while not working.done() or len(statuses) < 20:
        answer = await client.refresh(token)
        statuses.append(answer.status_code)
        token = answer.json()["refresh_token"]
    await working
    return statuses


async def _drop(url: str, through: str) -> None:
    connection = await asyncpg.connect(through)
    try:
        await connection.execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')
    finally:
        await connection.close()
