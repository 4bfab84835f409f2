"""Telling every process that something cached has changed: nothing is stale for more than about a second.

PostgreSQL carries the news in the transaction that makes it (NOTIFY), to a connection of each process that only
listens. On SQLite each process looks once a second whether another one has committed anything.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from . import cache, database, digests, tasks
from .faults import DatabaseUnavailable
from .logs import get_logger
from .postgresql import PostgresqlDatabase
from .postgresql_pool import postgresql_faults

if TYPE_CHECKING:
    from .postgresql_pool import OwnConnection
    from .sqlite import SqliteDatabase

log = get_logger(__name__)

CHANNEL = "latchkey_changed"
BEAT_SECONDS = 0.5  # how soon a listener notices that nobody talks to it any more
POLL_SECONDS = 1.0
RETRY_SECONDS = 0.5
MAX_AGE_UNTOLD_SECONDS = 1.0

_process = digests.random_token(64)  # what we say ourselves need not be heard
_listening: asyncio.Task[None] | None = None


async def changed(tenant_id: UUID, topic: str) -> None:
    """Say that what is cached under a topic of a tenant changed; called in the transaction that changes it."""
    database.after_commit(partial(cache.drop_topic, tenant_id, topic))
    if database.is_postgresql():
        await database.execute("SELECT pg_notify($1, $2)", CHANNEL, f"{_process}:{tenant_id.hex}:{topic}")


async def start() -> None:
    """Begin to listen, with the database open; raises DatabaseUnavailable."""
    global _listening  # noqa: PLW0603  one listener a process
    opened = database.database()
    if isinstance(opened, PostgresqlDatabase):
        listening = _listen(opened, await _connect(opened))
    else:
        listening = _watch(opened, await opened.data_version())
    _listening = tasks.spawn(listening, "cache invalidation")


async def stop() -> None:
    """Stop listening; nothing happens when nobody does."""
    global _listening
    task, _listening = _listening, None
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    cache.limit_age()


async def _listen(opened: PostgresqlDatabase, first: OwnConnection) -> None:
    connection: OwnConnection | None = first
    while True:
        try:
            connection = connection or await _connect(opened)
            await _until_lost(connection)
        except DatabaseUnavailable as fault:
            cache.limit_age(MAX_AGE_UNTOLD_SECONDS)
            log.warning("cache invalidation lost the database", why=str(fault))
        finally:
            if connection is not None:
                connection.terminate()
            connection = None
        await asyncio.sleep(RETRY_SECONDS)


async def _connect(opened: PostgresqlDatabase) -> OwnConnection:
    connection = await opened.connect()
    with postgresql_faults:
        await connection.add_listener(CHANNEL, _hear)
    # What was said while nobody listened was not heard.
    cache.drop_everything()
    cache.limit_age()
    return connection


async def _until_lost(connection: OwnConnection) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        with postgresql_faults:
            await connection.execute("SELECT 1", timeout=BEAT_SECONDS)


def _hear(_: object, __: int, ___: str, payload: object) -> None:
    process, tenant, topic = str(payload).split(":", 2)
    if process != _process:
        cache.drop_topic(UUID(hex=tenant), topic)


async def _watch(opened: SqliteDatabase, version: int) -> None:
    seen: int | None = version
    while True:
        await asyncio.sleep(POLL_SECONDS)
        try:
            now = await opened.data_version()
        except DatabaseUnavailable as fault:
            seen = None
            cache.limit_age(MAX_AGE_UNTOLD_SECONDS)
            log.warning("cache invalidation lost the database", why=str(fault))
            continue
        if now != seen:
            cache.drop_everything()
            cache.limit_age()
        seen = now
