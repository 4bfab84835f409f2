"""Dropping what is cached once it has changed: at once in this process, within a second in all. See ADR 0026.

Others are told, which takes milliseconds: by PostgreSQL's NOTIFY, and by Redis where there is one. Whoever is not
told finds out: each process looks twice a second, at the versions that PostgreSQL keeps (cache_versions) or at
SQLite's count of commits. As long as it cannot look, the caches serve nothing older than a second.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from . import cache, cache_versions, database, digests, redis_client, redis_news, tasks
from .faults import DatabaseUnavailable, StateUnavailable
from .logs import get_logger
from .postgresql import PostgresqlDatabase
from .postgresql_faults import postgresql_faults

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from .sqlite import SqliteDatabase

log = get_logger(__name__)

CHANNEL = "latchkey_changed"
LOOK_EVERY_SECONDS = 0.5  # twice in the time for which caches are trusted unseen
RETRY_SECONDS = 0.5
REDIS_RETRY_SECONDS = 2
PARTING_SECONDS = 2
PROBE = "probe"
LOOKS_UNTIL_WARNING = 4

_process = digests.random_token(64)  # what we say ourselves need not be heard
_running: list[asyncio.Task[None]] = []
_speaking: set[asyncio.Task[None]] = set()


async def changed(tenant_id: UUID, topic: str) -> None:
    """Say that what is cached under a topic of a tenant changed; called in the transaction that changes it."""
    if not database.is_first_in_transaction((cache.drop_topic, tenant_id, topic)):
        return
    word = f"{_process}:{tenant_id.hex}:{topic}"
    database.after_commit(partial(cache.drop_topic, tenant_id, topic))
    if database.is_postgresql():
        await cache_versions.note(_process, tenant_id, topic, channel=CHANNEL, word=word)
    redis = redis_client.find_redis()
    if redis is not None:
        database.after_commit(partial(_publish, redis, word))


async def start() -> None:
    """Begin to look and to listen, with the database open and Redis, where there is one; raises DatabaseUnavailable."""
    global _process  # noqa: PLW0603  a worker that was forked is a process of its own
    _process = digests.random_token(64)
    opened = database.database()
    if isinstance(opened, PostgresqlDatabase):
        watching = _watch(opened, await _begin_watch(opened))
    else:
        await opened.data_version()
        watching = _count(opened)
    _running.append(tasks.spawn(watching, "cache invalidation"))
    redis = redis_client.find_redis()
    if redis is not None:
        _running.append(tasks.spawn(_listen(redis), "cache invalidation by Redis"))


async def stop() -> None:
    """Stop, after what is being passed on; nothing happens when nothing runs."""
    if _speaking:
        await asyncio.wait(_speaking, timeout=PARTING_SECONDS)
    while _running:
        task = _running.pop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(opened: PostgresqlDatabase, begun: cache_versions.Watch) -> None:
    watch: cache_versions.Watch | None = begun
    while True:
        try:
            watch = watch or await _begin_watch(opened)
            await database.execute(
                "SELECT pg_notify($1, $2)", CHANNEL, f"{_process}:{cache_versions.NOBODY.hex}:{PROBE}"
            )
            while True:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
                await _look(watch)
                _warn_if_untold(watch)
        except DatabaseUnavailable as fault:
            if watch is not None:  # it was there until now
                log.warning("cache invalidation lost the database", why=str(fault))
        except Exception:
            log.exception("cache invalidation failed")
        finally:
            if watch is not None:
                watch.connection.terminate()
            watch = None
        await asyncio.sleep(RETRY_SECONDS)


async def _begin_watch(opened: PostgresqlDatabase) -> cache_versions.Watch:
    connection = await opened.connect()
    watch = cache_versions.Watch(connection, _process)
    try:
        with postgresql_faults:
            await connection.add_listener(CHANNEL, partial(_hear_postgresql, watch))
        await _look(watch)
    except BaseException:
        connection.terminate()
        raise
    # Of what was committed before, perhaps at another server than this one, nothing is known.
    cache.drop_everything()
    return watch


async def _look(watch: cache_versions.Watch) -> None:
    moment = time.monotonic()
    for change in await watch.look():
        if change.topic == cache_versions.EVERYTHING:
            cache.drop_everything()
        else:
            cache.drop_topic(change.tenant_id, change.topic)
    cache.seen_until(moment)


def _warn_if_untold(watch: cache_versions.Watch) -> None:
    if watch.looks == LOOKS_UNTIL_WARNING and not watch.is_told and redis_client.find_redis() is None:
        log.warning(
            "PostgreSQL's notifications do not arrive here, as behind a pooler in transaction mode: what other "
            "processes change is in force within a second, not at once"
        )


async def _count(opened: SqliteDatabase) -> None:
    seen: int | None = None
    while True:
        moment = time.monotonic()
        try:
            now = await opened.data_version()
        except DatabaseUnavailable as fault:
            seen = None
            log.warning("cache invalidation lost the database", why=str(fault))
        else:
            if now != seen:
                cache.drop_everything()
            seen = now
            cache.seen_until(moment)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _listen(redis: Redis) -> None:
    while True:
        try:
            await redis_news.listen(redis, _hear)
        except StateUnavailable as fault:
            log.warning("cache invalidation lost Redis; changes are looked for", why=str(fault))
        await asyncio.sleep(REDIS_RETRY_SECONDS)


def _publish(redis: Redis, word: str) -> None:
    async def publish() -> None:
        try:
            await redis_news.publish(redis, word)
        except StateUnavailable as fault:
            log.warning("a change was not passed on by Redis; others will find it", why=str(fault))

    task = tasks.spawn(publish(), "cache invalidation by Redis")
    _speaking.add(task)
    task.add_done_callback(_speaking.discard)


def _hear_postgresql(watch: cache_versions.Watch, _: object, __: int, ___: str, payload: object) -> None:
    watch.is_told = True
    _hear(str(payload))


def _hear(word: str) -> None:
    process, tenant, topic = word.split(":", 2)
    if process != _process:
        cache.drop_topic(UUID(hex=tenant), topic)
