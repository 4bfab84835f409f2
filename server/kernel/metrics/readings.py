"""Figures of the process itself: what it is made of, its pools and its caches."""

from __future__ import annotations

import os
import platform
import resource
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from server.kernel import cache, database, passwords, rate_limits
from server.kernel.postgresql import PostgresqlDatabase

from .families import Family, Kind, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .families import Labels, Read

_MEMORY = Path("/proc/self/statm")
_born_at = time.monotonic()


def gauge(name: str, help: str, labels: Labels, read: Read) -> None:  # noqa: A002 - Prometheus' word for it
    """A figure that goes up and down, of each process."""
    Reading(Family(name, help, Kind.GAUGE, labels), read)


def counter(name: str, help: str, labels: Labels, read: Read) -> None:  # noqa: A002 - see above
    """A figure that something else counts."""
    Reading(Family(name, help, Kind.COUNTER, labels), read)


def _build() -> Mapping[Labels, float]:
    return {(metadata.version("latchkey"), platform.python_version()): 1}


def _uptime() -> Mapping[Labels, float]:
    return {(): time.monotonic() - _born_at}


def _cpu() -> Mapping[Labels, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {(): used.ru_utime + used.ru_stime}


def _memory() -> Mapping[Labels, float]:
    """The second field of statm is what is resident, in pages. proc(5); other systems do not tell so cheaply."""
    if not _MEMORY.exists():
        return {}
    return {(): int(_MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")}


def _connections() -> Mapping[Labels, float]:
    """SQLite has one connection, and whoever waits for it waits in its thread."""
    try:
        opened = database.database()
        load = opened.pool.load if isinstance(opened, PostgresqlDatabase) else None
    except database.DatabaseUnavailable:
        load = None
    if load is None:
        return {}
    return {("in_use",): load.in_use, ("waiting",): load.waiting, ("max",): load.most}


def _hashing() -> Mapping[Labels, float]:
    busy, waiting = passwords.pool_load()
    return {("busy",): busy, ("waiting",): waiting, ("max",): passwords.THREADS}


def _cache_entries() -> Mapping[Labels, float]:
    return {(topic,): used.entries for topic, used in cache.usage().items()}


def _cache_lookups() -> Mapping[Labels, float]:
    by_topic = cache.usage().items()
    hits: dict[Labels, float] = {(topic, "hit"): used.hits for topic, used in by_topic}
    return hits | {(topic, "miss"): used.misses for topic, used in by_topic}


def _rate_limited() -> Mapping[Labels, float]:
    return {(name,): refused.times for name, refused in rate_limits.refused().items()}


gauge("latchkey_build_info", "Always 1; the version is in the labels.", ("version", "python"), _build)
gauge("latchkey_process_uptime_seconds", "How long the process has run.", (), _uptime)
gauge("latchkey_process_resident_memory_bytes", "Memory of the process, shared pages included.", (), _memory)
counter("latchkey_process_cpu_seconds_total", "Processor time, user and system.", (), _cpu)
gauge(
    "latchkey_database_connections",
    "Connections to PostgreSQL that are in use, requests that wait for one, and the most there may be.",
    ("state",),
    _connections,
)
gauge(
    "latchkey_password_hashing",
    "Threads that hash a password, passwords that wait for one, and the most threads there may be.",
    ("state",),
    _hashing,
)
gauge("latchkey_cache_entries", "Entries that are cached.", ("topic",), _cache_entries)
counter(
    "latchkey_cache_lookups_total",
    "Looks into a cache that found an entry or did not.",
    ("topic", "result"),
    _cache_lookups,
)
counter(
    "latchkey_rate_limited_total",
    "Requests beyond a rate limit: of an endpoint at one tenant, of the API (api) or of the console (admin).",
    ("limit",),
    _rate_limited,
)
