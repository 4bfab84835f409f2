"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from server.administration import health
from server.endpoints.wire import json_response
from server.kernel import logs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from server.endpoints.wire import WireResponse
    from server.settings import Settings

    Check = Callable[[Settings], Awaitable[object]]

log = logs.get_logger(__name__)

CHECK_SECONDS = 2.0
# However often it is asked, the database is asked once in so many seconds.
KEPT_SECONDS = 1.0
# Milliseconds of work, for what hardly ever changes: once it was well, it is looked at once in so many seconds.
LASTING_SECONDS = {"migrations": 60.0}


def alive() -> WireResponse:
    """200 as long as the process answers at all."""
    return json_response({"status": "ok"})


# What keeps a process from its work; the rest is for `latchkey doctor`.
CHECKS: Mapping[str, Check] = {
    "database": health.examine_database,
    "migrations": health.examine_migrations,
    "keys": health.examine_keys,
    "shared_state": health.examine_shared_state,
}


class Readiness:
    """What came of the checks, kept for a moment; whoever asks meanwhile shares it."""

    def __init__(self, settings: Settings, checks: Mapping[str, Check] = CHECKS) -> None:
        self._settings = settings
        self._checks = checks
        self._failed: Mapping[str, str] = {}
        self._checked_at = float("-inf")
        self._well_until: dict[str, float] = {}
        self._checking: asyncio.Task[None] | None = None
        self._is_stopping = False

    def stop(self) -> None:
        """Say from now on that others should be asked: this process finishes what it has and ends."""
        self._is_stopping = True

    async def answer(self) -> WireResponse:
        """200 when everything is well; else 503 with the names of what is not, and nothing about it."""
        if self._is_stopping:
            return json_response({"status": "stopping"}, 503)
        failed = await self.failed()
        if failed:
            return json_response({"status": "unavailable", "failed": sorted(failed)}, 503)
        return json_response({"status": "ok"})

    async def failed(self) -> Mapping[str, str]:
        """The checks that failed, and why."""
        if monotonic() - self._checked_at >= KEPT_SECONDS:
            if self._checking is None or self._checking.done():
                self._checking = asyncio.create_task(self._check())
            # One who goes away must not take the answer from the others.
            await asyncio.shield(self._checking)
        return self._failed

    async def verdicts(self) -> Mapping[tuple[str, ...], float]:
        """1 for each check that passed, 0 for each that failed."""
        failed = await self.failed()
        return {(name,): float(name not in failed) for name in self._checks}

    async def _check(self) -> None:
        outcomes = await asyncio.gather(*(self._outcome(name) for name in self._checks))
        failed = {name: why for name, why in zip(self._checks, outcomes, strict=True) if why is not None}
        # Asked every few seconds for days: only what changes is worth a line.
        if failed.keys() != self._failed.keys():
            if failed:
                log.warning("not ready", **failed)
            else:
                log.info("ready again")
        self._failed, self._checked_at = failed, monotonic()

    async def _outcome(self, name: str) -> str | None:
        """Why a check failed; None when it passed."""
        if monotonic() < self._well_until.get(name, 0.0):
            return None
        checking = asyncio.ensure_future(self._checks[name](self._settings))
        done, _ = await asyncio.wait({checking}, timeout=CHECK_SECONDS)
        if not done:
            # Nor is its end waited for: a statement that cannot run cannot be taken back any sooner.
            checking.cancel()
            checking.add_done_callback(_forget)
            return f"no answer within {CHECK_SECONDS} s"
        if error := checking.exception():
            return f"{type(error).__name__}: {error}"
        self._well_until[name] = monotonic() + LASTING_SECONDS.get(name, 0.0)
        return None


def _forget(checking: asyncio.Future[object]) -> None:
    """Look at what came of it, so that nobody complains that nobody did."""
    if not checking.cancelled():
        checking.exception()
