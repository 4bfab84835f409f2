"""How many different ones there are among many, in memory that does not grow with them.

The k smallest of uniformly distributed values tell how many there are: Bar-Yossef et al., "Counting distinct elements
in a data stream" (2002). Exact up to MOST_KEPT, within some percent beyond.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

MOST_KEPT = 1024
_RANDOM_BITS = 62  # the last ones of a UUIDv4 or UUIDv7 (RFC 9562 §5.7)
_RANGE = 1 << _RANDOM_BITS


@dataclass(slots=True)
class Distinct:
    """A count of different UUIDs whose last bits are random."""

    _kept: set[int] = field(default_factory=set)
    _below: int = _RANGE  # what is not below it is one too many to be kept

    @property
    def is_exact(self) -> bool:
        """Whether nothing was estimated."""
        return self._below == _RANGE

    @property
    def total(self) -> int:
        """How many there were, or about so many."""
        if self.is_exact:
            return len(self._kept)
        return len(self._kept) * _RANGE // self._below

    def add(self, value: UUID) -> None:
        """Count it, unless it was counted before."""
        bits = value.int & (_RANGE - 1)
        if bits < self._below:
            self._kept.add(bits)
            if len(self._kept) > 2 * MOST_KEPT:
                self._shrink()

    def _shrink(self) -> None:
        ordered = sorted(self._kept)
        self._below = ordered[MOST_KEPT]
        self._kept = set(ordered[:MOST_KEPT])
