"""Shared state of a single process. See shared_state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .clock import steady

if TYPE_CHECKING:
    from .clock import Duration, Instant

SWEEP_ABOVE = 10_000  # entries


@dataclass(slots=True)
class Item:
    """A value or a count, and its end by the clock of this process that is never set."""

    value: str
    count: int
    expires_at: Instant


class MemoryState:
    """A dictionary; whatever is not awaited is atomic."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._sweep_above = SWEEP_ABOVE

    async def put(self, key: str, value: str, ttl: Duration) -> None:
        """See SharedState."""
        self._keep(key, Item(value, 0, steady() + ttl))

    async def get(self, key: str) -> str | None:
        """See SharedState."""
        item = self._find(key)
        return None if item is None else item.value

    async def take(self, key: str) -> str | None:
        """See SharedState."""
        item = self._find(key)
        if item is None:
            return None
        del self._items[key]
        return item.value

    async def claim(self, key: str, ttl: Duration) -> bool:
        """See SharedState."""
        if self._find(key) is not None:
            return False
        self._keep(key, Item("", 0, steady() + ttl))
        return True

    async def add(self, key: str, amount: int, ttl: Duration) -> int:
        """See SharedState."""
        item = self._find(key)
        if item is None:
            item = Item("", 0, steady() + ttl)
            self._keep(key, item)
        item.count += amount
        item.expires_at = min(item.expires_at, steady() + ttl)
        return item.count

    async def adjust_each(self, *changes: tuple[str, int, Duration]) -> list[int]:
        """See SharedState."""
        return [await self.add(*change) for change in changes]

    async def forget(self, key: str) -> None:
        """See SharedState."""
        self._items.pop(key, None)

    def _find(self, key: str) -> Item | None:
        item = self._items.get(key)
        return item if item is not None and item.expires_at > steady() else None

    def _keep(self, key: str, item: Item) -> None:
        self._items[key] = item
        if len(self._items) > self._sweep_above:
            moment = steady()
            self._items = {key: item for key, item in self._items.items() if item.expires_at > moment}
            # What is alive is not looked at again before it has doubled.
            self._sweep_above = max(SWEEP_ABOVE, 2 * len(self._items))
