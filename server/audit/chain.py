"""The chain of a tenant's events: digests, seals, and the checkpoints that are signed. Pure.

A seal holds the ids and digests of some events and is chained to the seal before it; its MAC is under a key that is
never in the database in the clear, so whoever can write there cannot make one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from server.kernel.digests import equal, hmac_sha256, sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server.kernel.clock import Instant
    from server.kernel.rows import Row

# Their order is part of every digest: a column that is added later needs a digest of another kind.
COLUMNS = (
    "id", "tenant_id", "occurred_at", "event", "outcome", "actor_kind", "actor_id", "subject_id", "client_pk",
    "grant_id", "remote_address", "user_agent", "correlation_id", "details",
)  # fmt: skip
_IDS = frozenset({"id", "tenant_id", "subject_id", "client_pk", "grant_id"})
START = bytes(32)  # what stands for the digest before the first seal
ABSENT = bytes(32)  # what stands for the digest of an event that was gone when it was to be sealed

_ID_BYTES = 16
_MEMBER_BYTES = 48
_NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Seal:
    """A link. `position` counts the events that are sealed with these."""

    number: int
    position: int
    sealed_at: Instant
    members: bytes = field(repr=False)
    digest: bytes
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain has come; `key` is the secret of the tenant's chain."""

    id: UUID
    tenant_id: UUID
    key: bytes = field(repr=False)
    number: int
    position: int
    digest: bytes
    checkpoint_position: int
    checkpoint_at: Instant
    trimmed_before: UUID | None = None
    trimmed_mac: bytes | None = field(default=None, repr=False)


def selected(prefix: str) -> str:
    """The columns as a statement selects them for `digest_of`: ids as text, which is quicker to read and to write."""
    return ", ".join(
        f"CAST({prefix}{name} AS text) AS {name}" if name in _IDS else f"{prefix}{name} AS {name}" for name in COLUMNS
    )


def digest_of(row: Row) -> bytes:
    """The digest of an event: SHA-256 over its columns as a JSON array, the same from either database."""
    return hashlib.sha256(orjson.dumps([row[name] for name in COLUMNS])).digest()


def id_of(row: Row) -> bytes:
    """The id of an event, as seals hold it."""
    return bytes.fromhex(str(row["id"]).replace("-", ""))


def pack(members: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The members of a seal, in order."""
    return b"".join(event_id + digest for event_id, digest in members)


def unpack(members: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The ids and digests of a seal's members, in order."""
    for start in range(0, len(members), _MEMBER_BYTES):
        middle = start + _ID_BYTES
        yield members[start:middle], members[middle : start + _MEMBER_BYTES]


def ids_in(members: bytes) -> list[UUID]:
    """The ids of a seal's members, in order."""
    return [UUID(bytes=event_id) for event_id, _ in unpack(members)]


def next_seal(head: Head, members: bytes, now: Instant) -> Seal:
    """The seal that follows a head."""
    number, position = head.number + 1, head.position + len(members) // _MEMBER_BYTES
    digest = seal_digest(head.digest, head.tenant_id, (number, position, now), members)
    return Seal(number, position, now, members, digest, mac_of(head.key, digest))


def seal_digest(before: bytes, tenant_id: UUID, counted: tuple[int, int, Instant], members: bytes) -> bytes:
    """What the next seal, and a checkpoint, are chained to; `counted` are number, position and time of the seal."""
    numbers = b"".join(value.to_bytes(_NUMBER_BYTES, "big") for value in counted)
    return sha256(before + tenant_id.bytes + numbers + members)


def is_seal_after(seal: Seal, before: bytes, tenant_id: UUID, key: bytes) -> bool:
    """Whether we made a seal, as the one that follows a digest."""
    digest = seal_digest(before, tenant_id, (seal.number, seal.position, seal.sealed_at), seal.members)
    return equal(digest, seal.digest) and equal(mac_of(key, digest), seal.mac)


def mac_of(key: bytes, digest: bytes) -> bytes:
    """What authenticates a seal."""
    return hmac_sha256(key, "seal", digest)


def trimmed_mac_of(key: bytes, before: UUID) -> bytes:
    """What authenticates how far retention went."""
    return hmac_sha256(key, "trimmed", before.bytes)


def is_trimmed_by_us(head: Head) -> bool:
    """Whether it was retention, and not somebody else, that said how far it went."""
    if head.trimmed_before is None:
        return True
    return equal(trimmed_mac_of(head.key, head.trimmed_before), head.trimmed_mac or b"")
