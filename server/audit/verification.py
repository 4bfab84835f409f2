"""Verifying a tenant's chain: every seal, every checkpoint and every event, in one walk through both.

Seals are read by number and events by id, in batches; what stands out of order waits in memory, so little is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import ids
from server.kernel.clock import HOUR
from server.kernel.digests import b64url, equal, from_b64url

from . import chain_store as store
from . import checkpoints, search_store
from .chain import START, digest_of, id_of, is_seal_after, is_trimmed_by_us, unpack
from .checkpoints import ForeignCheckpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .chain import Head, Seal
    from .checkpoints import Checkpoint

SEALS = 200  # read at a time
EVENTS = 5_000
# No transaction runs so long: what is sealed later, behind younger events, was put there later.
LATEST = HOUR
NOBODY = bytes(16)


class Breach(StrEnum):
    """How a chain is broken."""

    CHANGED = "changed"  # an event is not what was sealed
    REMOVED = "removed"  # an event, or a seal, is gone
    INSERTED = "inserted"  # an event was never sealed
    BACKDATED = "backdated"  # an event was sealed long after younger ones
    REORDERED = "reordered"  # a seal is not the one that was made there
    FORGED = "forged"  # a checkpoint is not ours, or states something else
    CUT = "cut"  # the chain ends before a checkpoint that was kept elsewhere


class BrokenChain(Exception):
    """The first broken link; the message names it."""

    def __init__(self, breach: Breach, why: str) -> None:
        super().__init__(f"{breach.value}: {why}")
        self.breach = breach


@dataclass(frozen=True, slots=True)
class Verified:
    """What holds. `first_number` is not 1 where retention took the seals before; then their checkpoint is kept."""

    events: int
    seals: int
    checkpoints: int
    first_number: int
    trimmed_before: UUID | None
    unsealed: int


async def verify(
    tenant_id: UUID, exported: str | None = None, progress: Callable[[int, int], None] = lambda _, __: None
) -> Verified:
    """Check the chain of a tenant against its events, and against a checkpoint that was kept elsewhere.

    `progress` is told how many events of how many were checked. Raises BrokenChain, and ForeignCheckpoint when the
    one from elsewhere is not this chain's.
    """
    head = await store.find_head(tenant_id)
    if head is None:
        return await _verify_nothing(tenant_id, exported)
    if not is_trimmed_by_us(head):
        raise BrokenChain(Breach.FORGED, "how far retention went was not written by Latchkey")
    walk = Walk(head, None if exported is None else checkpoints.verify(head.key, tenant_id, exported))
    await walk.find_beginning()
    while await walk.step():
        progress(walk.events, head.position - walk.skipped)
    await walk.finish()
    return walk.result()


async def _verify_nothing(tenant_id: UUID, exported: str | None) -> Verified:
    if exported is not None:
        raise ForeignCheckpoint("this tenant has no chain: the one that the checkpoint is of is gone")
    waiting = await store.unsealed_ids(tenant_id)
    for row in await search_store.rows_after(tenant_id, UUID(bytes=NOBODY), EVENTS):
        if UUID(str(row["id"])) not in waiting:
            raise BrokenChain(Breach.INSERTED, f"event {row['id']} was never sealed")
    return Verified(0, 0, 0, 1, None, len(waiting))


class Walk:
    """One walk through a chain."""

    def __init__(self, head: Head, exported: Checkpoint | None) -> None:
        self._head = head
        self._tenant_id = head.tenant_id
        self._exported = exported
        self._floor = head.trimmed_before.bytes if head.trimmed_before else NOBODY  # below it events may be gone
        self._digest = START
        self._number = 0
        self._position = 0
        self._awaited: dict[bytes, tuple[bytes, int]] = {}  # sealed, and not met yet
        self._met: dict[bytes, bytes] = {}  # met, and not found in a seal yet
        self._reached = self._floor  # events up to here were read
        self._youngest = NOBODY  # of the events in seals so far
        self._is_at_end = False
        self._unsealed: set[bytes] = set()
        self._checkpoints = 0
        self._first = 1
        self.events = 0
        self.skipped = 0

    async def find_beginning(self) -> None:
        """Stand before the first seal that is there; where retention took others, at their checkpoint."""
        seals = await store.list_seals(self._tenant_id, 0, 1)
        self._first = seals[0].number if seals else self._head.number + 1
        if self._first == 1:
            return
        kept = await store.list_checkpoints(self._tenant_id, self._first - 1, self._first - 1)
        if not kept:
            raise BrokenChain(Breach.REMOVED, f"seal {self._first - 1}, and there is no checkpoint in its place")
        base = self._check_checkpoint(kept[self._first - 1], self._first - 1)
        self._digest, self._number, self._position = _digest(base), base.number, base.events
        self.skipped = base.events
        self._compare_exported(base.number, base.events, base.digest)

    async def step(self) -> bool:
        """Check the next seals, and the events up to the youngest in them; false when there are no more."""
        seals = await store.list_seals(self._tenant_id, self._number, SEALS)
        if not seals:
            return False
        kept = await store.list_checkpoints(self._tenant_id, seals[0].number, seals[-1].number)
        for seal in seals:
            self._check_seal(seal, kept)
        await self._read_events()
        await self._check_removed()
        return True

    async def finish(self) -> None:
        """Check what comes after the last seal: an event is sealed, or waits to be."""
        if self._number < self._head.number:
            raise BrokenChain(Breach.REMOVED, f"seal {self._number + 1}")
        self._is_at_end = False
        while not self._is_at_end:
            await self._read_some()
        self._unsealed = {event_id.bytes for event_id in await store.unsealed_ids(self._tenant_id)}
        # What waited when it was met may have been sealed before we asked what waits.
        while await self.step():
            pass
        for event_id in sorted(self._met.keys() - self._unsealed):
            raise BrokenChain(Breach.INSERTED, f"event {_shown(event_id)} was never sealed")
        if self._exported and self._exported.number > self._number:
            stated = f"the checkpoint is of {self._exported.events} events, the chain ends after {self._position}"
            raise BrokenChain(Breach.CUT, stated)

    def result(self) -> Verified:
        """What was found to hold."""
        trimmed = self._head.trimmed_before
        seals = self._number - self._first + 1
        return Verified(self.events, seals, self._checkpoints, self._first, trimmed, len(self._unsealed))

    def _check_seal(self, seal: Seal, kept: Mapping[int, str]) -> None:
        if seal.number != self._number + 1:
            raise BrokenChain(Breach.REMOVED, f"seal {self._number + 1}")
        members = list(unpack(seal.members))
        follows = is_seal_after(seal, self._digest, self._tenant_id, self._head.key)
        if not follows or seal.position != self._position + len(members):
            raise BrokenChain(Breach.REORDERED, f"seal {seal.number} is not the one that was made there")
        self._check_age(seal, members)
        self._digest, self._number, self._position = seal.digest, seal.number, seal.position
        if seal.number in kept:
            stated = self._check_checkpoint(kept[seal.number], seal.number)
            if (stated.digest, stated.events) != (b64url(seal.digest), seal.position):
                raise BrokenChain(Breach.FORGED, f"checkpoint {seal.number} states another seal")
        self._compare_exported(seal.number, seal.position, b64url(seal.digest))
        for event_id, digest in members:
            if event_id >= self._floor:
                self._awaited[event_id] = (digest, seal.number)
        self._match(event_id for event_id, _ in members)

    def _check_age(self, seal: Seal, members: Sequence[tuple[bytes, bytes]]) -> None:
        oldest = ids.first_at(max(0, ids.made_at(UUID(bytes=self._youngest)) - LATEST)).bytes
        for event_id, _ in members:
            if event_id < oldest and self._number:
                why = f"event {_shown(event_id)} came with seal {seal.number}, long after younger ones"
                raise BrokenChain(Breach.BACKDATED, why)
        self._youngest = max([self._youngest, *(event_id for event_id, _ in members)])

    def _check_checkpoint(self, signed: str, number: int) -> Checkpoint:
        try:
            stated = checkpoints.verify(self._head.key, self._tenant_id, signed)
        except ForeignCheckpoint as error:
            raise BrokenChain(Breach.FORGED, f"checkpoint {number}: {error}") from None
        if stated.number != number:
            raise BrokenChain(Breach.FORGED, f"checkpoint {number} is that of seal {stated.number}")
        self._checkpoints += 1
        return stated

    def _compare_exported(self, number: int, events: int, digest: str) -> None:
        exported = self._exported
        if exported and exported.number == number and (exported.events, exported.digest) != (events, digest):
            raise BrokenChain(Breach.REORDERED, f"seal {number} is not that of the checkpoint that was kept elsewhere")

    async def _read_events(self) -> None:
        self._is_at_end = False
        while not self._is_at_end and self._reached < self._youngest:
            await self._read_some()

    async def _read_some(self) -> None:
        rows = await search_store.rows_after(self._tenant_id, UUID(bytes=self._reached), EVENTS)
        self._is_at_end = len(rows) < EVENTS
        met = {id_of(row): digest_of(row) for row in rows}
        self._met.update(met)
        self._match(met)
        if rows:
            self._reached = id_of(rows[-1])

    def _match(self, event_ids: Iterable[bytes]) -> None:
        for event_id in event_ids:
            if event_id in self._awaited and event_id in self._met:
                digest, number = self._awaited.pop(event_id)
                if not equal(digest, self._met.pop(event_id)):
                    raise BrokenChain(Breach.CHANGED, f"event {_shown(event_id)} is not what seal {number} holds")
                self.events += 1

    async def _check_removed(self) -> None:
        """What is sealed and was not met is gone, unless it was committed behind our back."""
        if not self._awaited:
            return
        for row in await search_store.rows_of(self._tenant_id, [UUID(bytes=event_id) for event_id in self._awaited]):
            self._met[id_of(row)] = digest_of(row)
        self._match(list(self._awaited))
        for event_id, (_, number) in self._awaited.items():
            raise BrokenChain(Breach.REMOVED, f"event {_shown(event_id)} of seal {number}")


def _digest(checkpoint: Checkpoint) -> bytes:
    return from_b64url(checkpoint.digest) or b""


def _shown(event_id: bytes) -> str:
    return str(UUID(bytes=event_id))
