"""What goes on beside the load of `make soak`: rotation, administration, rows for sweeping, looks at memory."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg
import httpx2

from bench.contenders import MANIFEST, RESOURCE, USERS, origin
from server.kernel import clock
from server.kernel.clock import MINUTE
from tests.support.relying_party import basic

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.contenders import Contender
    from tests.support.processes import Installation

SPARE_SECRET = "a-secret-of-the-spare-client-0123456789"  # noqa: S105 - only for benchmarks
SPARE = {
    "client_id": "spare",
    "client_secret": SPARE_SECRET,
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["client_credentials"],
    "scope": "notes:read",
}
OLD = 3 * MINUTE  # nothing that the load still uses was last touched that long ago
EFFECT = 1.0  # seconds until a change counts everywhere
OK, UNAUTHORIZED = 200, 401

# What the load has left behind becomes so old that sweeping removes it.
_AGE = (
    "UPDATE opaque_token SET expires_at = 0 WHERE issued_at < $1 AND expires_at > 0",
    """
    UPDATE access_grant SET expires_at = 0, max_expires_at = 0
    WHERE coalesce(rotated_at, created_at) < $1 AND expires_at > 0
    """,
)
_LEFT = """
SELECT (SELECT count(*) FROM opaque_token WHERE expires_at = 0)
 + (SELECT count(*) FROM access_grant WHERE expires_at = 0)
"""


@dataclass(slots=True)
class Chores:
    """Done one after the other in a thread of their own, until stopped."""

    installation: Installation
    contender: Contender
    every: float = 10.0  # seconds between two
    done: dict[str, list[float]] = field(default_factory=dict)  # seconds that each took
    failures: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # minutes since the start, megabytes
    aged: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _tenants: int = 0

    def start(self) -> None:
        """Begin."""
        self._threads = [threading.Thread(target=work) for work in (self._work, self._look)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the chore that is being done."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def left(self) -> int:
        """How many of the rows that were made old are still there."""
        return asyncio.run(self._fetch(_LEFT))

    def _work(self) -> None:
        chores: list[Callable[[], None]] = [
            self.rotate_keys,
            self.disable_a_client,
            self.enable_a_client,
            self.make_a_tenant,
            self.make_rows_old,
            self.export,
        ]
        while not self._stopped.is_set():
            for chore in chores:
                begun = time.monotonic()
                try:
                    chore()
                except Exception as error:  # noqa: BLE001 - whatever fails is a result
                    self.failures.append(f"{chore.__name__}: {error}")
                self.done.setdefault(chore.__name__.replace("_", " "), []).append(time.monotonic() - begun)
                if self._stopped.wait(self.every):
                    return

    def _look(self) -> None:
        begun = time.monotonic()
        while not self._stopped.is_set():
            self.memory.append(((time.monotonic() - begun) / 60, self.contender.resident_megabytes()))
            self._stopped.wait(10)

    def rotate_keys(self) -> None:
        """New signing keys at once."""
        self.installation.run("keys", "rotate", "bench")

    def disable_a_client(self) -> None:
        """Refused within a second."""
        self._apply_spare(enabled=False)
        self._expect(UNAUTHORIZED)

    def enable_a_client(self) -> None:
        """Served within a second."""
        self._apply_spare(enabled=True)
        self._expect(OK)

    def make_a_tenant(self) -> None:
        """It is there as soon as `apply` has ended."""
        self._tenants += 1
        slug = f"soak-{self._tenants}"
        self.installation.apply({**MANIFEST, "tenant": slug, "users": USERS[:1]})
        answer = httpx2.get(f"{origin(self.contender)}/t/{slug}/.well-known/openid-configuration")
        answer.raise_for_status()

    def make_rows_old(self) -> None:
        """Give sweeping something to do."""
        self.aged += asyncio.run(self._age())

    def export(self) -> None:
        """The whole tenant."""
        self.installation.run("export", "bench")

    def _apply_spare(self, *, enabled: bool) -> None:
        spare = {**SPARE, "enabled": enabled}
        self.installation.apply({"tenant": "bench", "display_name": "Benchmark", "clients": [spare]})

    def _expect(self, status: int) -> None:
        deadline = time.monotonic() + EFFECT
        form = {"grant_type": "client_credentials", "resource": RESOURCE}
        headers = {"authorization": basic("spare", SPARE_SECRET)}
        while True:
            asked = time.monotonic()
            answer = httpx2.post(f"{origin(self.contender)}{self.contender.token}", data=form, headers=headers)
            if answer.status_code == status:
                return
            if asked > deadline:
                raise AssertionError(f"{answer.status_code} and not {status} after {EFFECT} s")
            time.sleep(0.05)

    async def _age(self) -> int:
        connection = await asyncpg.connect(self.installation.database_url)
        try:
            return sum([int((await connection.execute(sql, clock.now() - OLD)).split()[-1]) for sql in _AGE])
        finally:
            await connection.close()

    async def _fetch(self, sql: str) -> int:
        connection = await asyncpg.connect(self.installation.database_url)
        try:
            return int(await connection.fetchval(sql))
        finally:
            await connection.close()
