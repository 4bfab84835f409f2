"""What a process remembers of the database, per tenant, until it changes. See ADR 0026.

Absence is never remembered. Dropping is counted: an entry knows how many drops there had been when its loading
began, so that what was read before a change and arrives after it is of no use to anybody. And nothing is served
that was not known to be current within the last second: whoever watches for changes says how far it has seen.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakSet

from . import database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MAX_AGE_SECONDS = 1.0
# Of how many tenants a process remembers all that requests need: ten thousand, and room for some that come and go.
TENANTS = 12_000

# Any: caches of all keys and values are dropped alike.
_caches: WeakSet[TenantCache[Any, Any]] = WeakSet()
_seen_until = float("-inf")  # seconds of the monotonic clock


@dataclass(frozen=True, slots=True)
class Entry(Generic[V]):
    """A remembered value, as of the moment at which its loading began (seconds of the monotonic clock)."""

    value: V
    weight: int
    drops: int
    loaded_at: float


class TenantCache(Generic[K, V]):
    """Values of one kind, by tenant and key: at most `size`, the least recently used goes first.

    `topic` is what a writer names in `invalidation.changed`. A value counts as one unless `weigh` says otherwise,
    which matters where strangers decide how large values are.
    """

    def __init__(self, topic: str, *, size: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self.topic = topic
        self._size = size
        self._weigh = weigh
        self._weight = 0
        self._entries: OrderedDict[tuple[UUID, K], Entry[V]] = OrderedDict()
        self._loading: dict[tuple[UUID, K, int, float], asyncio.Task[V | None]] = {}
        self._drops = 0
        self._drops_of_tenant: dict[UUID, int] = {}
        self._drops_of_all = 0
        self.hits = 0
        self.misses = 0
        _caches.add(self)

    async def get(self, tenant_id: UUID, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """The value, loaded once however many ask at the same time; None when there is none.

        In a transaction the value is loaded with what the transaction sees, and not remembered.
        """
        if database.in_transaction():
            return await load()
        entry = self._entries.get((tenant_id, key))
        if entry is not None and self._is_fresh(tenant_id, entry):
            self._entries.move_to_end((tenant_id, key))
            self.hits += 1
            return entry.value
        self.misses += 1
        return await self._load(tenant_id, key, load)

    def __len__(self) -> int:
        return len(self._entries)

    def drop(self, tenant_id: UUID) -> None:
        """Forget what is known of a tenant."""
        self._drops += 1
        self._drops_of_tenant[tenant_id] = self._drops

    def drop_all(self) -> None:
        """Forget everything."""
        self._drops += 1
        self._drops_of_all = self._drops
        self._drops_of_tenant.clear()
        self._entries.clear()
        self._weight = 0

    def _is_fresh(self, tenant_id: UUID, entry: Entry[V]) -> bool:
        if entry.drops < self._drops_of_tenant.get(tenant_id, self._drops_of_all):
            return False
        return time.monotonic() - max(entry.loaded_at, _seen_until) < MAX_AGE_SECONDS

    async def _load(self, tenant_id: UUID, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        # A load that began long ago, at a database that hangs, is not for those who come now.
        age_group = time.monotonic() // MAX_AGE_SECONDS
        flight = (tenant_id, key, self._drops_of_tenant.get(tenant_id, self._drops_of_all), age_group)
        task = self._loading.get(flight)
        if task is None:
            # A task of its own: that the one who asked first goes away must not fail the others.
            task = asyncio.create_task(self._keep(tenant_id, key, load))
            self._loading[flight] = task
            task.add_done_callback(lambda _: self._loading.pop(flight, None))
        return await asyncio.shield(task)

    async def _keep(self, tenant_id: UUID, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        drops, loaded_at = self._drops, time.monotonic()
        value = await load()
        if value is not None:
            self._forget(self._entries.pop((tenant_id, key), None))
            entry = self._entries[tenant_id, key] = Entry(value, self._weigh(value), drops, loaded_at)
            self._weight += entry.weight
            while self._weight > self._size:
                self._forget(self._entries.popitem(last=False)[1])
        return value

    def _forget(self, entry: Entry[V] | None) -> None:
        self._weight -= 0 if entry is None else entry.weight


@dataclass(slots=True)
class Usage:
    """How the caches of a topic are used: entries that are kept, and how often one was found or had to be loaded."""

    entries: int = 0
    hits: int = 0
    misses: int = 0


def usage() -> dict[str, Usage]:
    """The same for every topic."""
    by_topic: dict[str, Usage] = {}
    for cache in _caches:
        used = by_topic.setdefault(cache.topic, Usage())
        used.entries += len(cache)
        used.hits += cache.hits
        used.misses += cache.misses
    return by_topic


def drop_topic(tenant_id: UUID, topic: str) -> None:
    """Forget what the caches of a topic know of a tenant."""
    for cache in _caches:
        if cache.topic == topic:
            cache.drop(tenant_id)


def drop_everything() -> None:
    """Forget all of all tenants."""
    for cache in _caches:
        cache.drop_all()


def seen_until(moment: float) -> None:
    """Say that whatever had changed by this moment, in seconds of the monotonic clock, has been dropped."""
    global _seen_until  # noqa: PLW0603  how far the watch has come is a state of the process
    _seen_until = moment
