"""Queries over what became of people at an origin, and over what they confirmed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from server.kernel import database, expiry, ids, lists
from server.kernel.clock import HOUR

from .facts import OriginFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

# One query: the origin, whether this person was there before, what they confirmed, and what they and the last of those
# who count saw of the client. Of a place that is new, too: that is where a client that changed sends people.
PAST = """
SELECT o.first_seen_at, o.last_seen_at, o.people, o.voices, o.declines, o.reports, v.accepted_at,
 c.metadata_digest, c.expires_at, a.metadata_digest AS seen_digest,
 (SELECT metadata_digest FROM trust_acquaintance WHERE tenant_id = $1 AND client_pk = $4 AND counts
  ORDER BY seen_at DESC LIMIT 1) AS others_digest
FROM (SELECT 1 AS one) asked
LEFT JOIN trust_origin o ON o.tenant_id = $1 AND o.origin = $2
LEFT JOIN trust_voice v ON v.tenant_id = $1 AND v.person_id = $3 AND v.origin = $2
LEFT JOIN trust_confirmation c ON c.tenant_id = $1 AND c.person_id = $3 AND c.client_pk = $4
 AND c.origin = $2 AND c.browser = $5
LEFT JOIN trust_acquaintance a ON a.tenant_id = $1 AND a.person_id = $3 AND a.client_pk = $4
"""
_ORIGINS = """
SELECT origin, first_seen_at, last_seen_at, people, voices, declines, reports FROM trust_origin
WHERE tenant_id = $1 AND origin """
_SEE = """
INSERT INTO trust_origin (id, tenant_id, origin, first_seen_at, last_seen_at, people, voices, declines, reports)
VALUES ($1, $2, $3, $4, $4, 0, 0, 0, 0)
ON CONFLICT (tenant_id, origin) DO UPDATE SET last_seen_at = excluded.last_seen_at
"""
_ADD_VOICE = """
INSERT INTO trust_voice (id, tenant_id, person_id, origin) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, person_id, origin) DO NOTHING
"""
_COUNT_VOICE = "UPDATE trust_origin SET voices = voices + 1 WHERE tenant_id = $1 AND origin = $2"
_CONFIRM = """
INSERT INTO trust_confirmation (id, tenant_id, person_id, client_pk, origin, browser, metadata_digest, created_at,
 expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, person_id, client_pk, origin, browser) DO UPDATE SET
 metadata_digest = excluded.metadata_digest, created_at = excluded.created_at, expires_at = excluded.expires_at
"""
_FORGET_CONFIRMATIONS = "DELETE FROM trust_confirmation WHERE tenant_id = $1 AND person_id = $2"
_FORGET_VOICES = "DELETE FROM trust_voice WHERE tenant_id = $1 AND person_id = $2"

SEEN_EVERY = HOUR  # last_seen_at is no more exact than this, so that most visits write nothing


class Outcome(StrEnum):
    """What somebody did when they were about to leave for an origin."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPORTED = "reported"


# A claim on the voice and, where it was won, a count at the origin.
_CLAIMS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.ACCEPTED: (
        """
UPDATE trust_voice SET accepted_at = $4 WHERE tenant_id = $1 AND person_id = $2 AND origin = $3 AND accepted_at IS NULL
""",
        "UPDATE trust_origin SET people = people + 1 WHERE tenant_id = $1 AND origin = $2",
    ),
    Outcome.DECLINED: (
        """
UPDATE trust_voice SET declined_at = $4 WHERE tenant_id = $1 AND person_id = $2 AND origin = $3 AND declined_at IS NULL
""",
        "UPDATE trust_origin SET declines = declines + 1 WHERE tenant_id = $1 AND origin = $2",
    ),
    Outcome.REPORTED: (
        """
UPDATE trust_voice SET reported_at = $4 WHERE tenant_id = $1 AND person_id = $2 AND origin = $3 AND reported_at IS NULL
""",
        "UPDATE trust_origin SET reports = reports + 1 WHERE tenant_id = $1 AND origin = $2",
    ),
}


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an origin, and of one person with one client there."""

    origin: OriginFacts = field(default_factory=OriginFacts)
    last_seen_at: Instant | None = None
    person_counted: bool = False
    confirmed_digest: str | None = None  # of the client's metadata, when the person confirmed
    confirmed_until: Instant = 0
    seen_digest: str | None = None  # of the client's metadata, when the person last allowed it something
    others_digest: str | None = None  # the same of the last person who counts

    @property
    def known_digest(self) -> str | None:
        """What the client was like when it was last seen: by the person or, where they never did, by others."""
        return self.seen_digest or self.confirmed_digest or self.others_digest


@dataclass(frozen=True, slots=True)
class OriginHistory:
    """An origin as an administrator sees it."""

    origin: str
    first_seen_at: Instant
    last_seen_at: Instant
    people: int
    voices: int
    declines: int
    reports: int

    @classmethod
    def from_row(cls, row: Mapping[str, object]) -> Self:
        """Read a row that has the columns of the same names."""
        return cls(
            origin=str(row["origin"]),
            first_seen_at=database.as_int(row["first_seen_at"]),
            last_seen_at=database.as_int(row["last_seen_at"]),
            people=database.as_int(row["people"]),
            voices=database.as_int(row["voices"]),
            declines=database.as_int(row["declines"]),
            reports=database.as_int(row["reports"]),
        )

    @property
    def facts(self) -> OriginFacts:
        """What the policy weighs of it."""
        return OriginFacts(self.first_seen_at, self.people, self.voices, self.declines, self.reports)


async def find_past(
    tenant_id: UUID, origin: str, *, person_id: UUID | None, client_pk: UUID | None, browser: str
) -> Past:
    """What happened at an origin before; one query by index, nobody and no client where there are none."""
    row = await database.find_row(PAST, tenant_id, origin, person_id, client_pk, browser)
    if row is None:
        raise AssertionError("what is joined to one row has one row")
    return Past(
        origin=OriginFacts(
            first_seen_at=database.as_optional_int(row["first_seen_at"]),
            people=database.as_optional_int(row["people"]) or 0,
            voices=database.as_optional_int(row["voices"]) or 0,
            declines=database.as_optional_int(row["declines"]) or 0,
            reports=database.as_optional_int(row["reports"]) or 0,
        ),
        last_seen_at=database.as_optional_int(row["last_seen_at"]),
        person_counted=row["accepted_at"] is not None,
        confirmed_digest=database.as_optional_text(row["metadata_digest"]),
        confirmed_until=database.as_optional_int(row["expires_at"]) or 0,
        seen_digest=database.as_optional_text(row["seen_digest"]),
        others_digest=database.as_optional_text(row["others_digest"]),
    )


async def find_origin(tenant_id: UUID, origin: str) -> OriginHistory | None:
    """The history of an origin."""
    return (await find_origins(tenant_id, (origin,))).get(origin)


async def find_origins(tenant_id: UUID, origins: Iterable[str]) -> dict[str, OriginHistory]:
    """The histories of these origins, as far as anybody was ever sent there; one query."""
    rows = await database.rows(_ORIGINS + lists.among("$2"), tenant_id, lists.as_argument(origins))
    return {history.origin: history for history in map(OriginHistory.from_row, rows)}


async def note_outcome(
    tenant_id: UUID, origin: str, person_id: UUID, outcome: Outcome, *, counts: bool, now: Instant
) -> None:
    """Remember that an origin was seen and, of a person who counts, what they did there: each outcome once."""
    async with database.transaction():
        await database.execute(_SEE, ids.uuid7(), tenant_id, origin, now)
        if not counts:
            return
        if await database.execute(_ADD_VOICE, ids.uuid7(), tenant_id, person_id, origin) == 1:
            await database.execute(_COUNT_VOICE, tenant_id, origin)
        claim, count = _CLAIMS[outcome]
        if await database.execute(claim, tenant_id, person_id, origin, now) == 1:
            await database.execute(count, tenant_id, origin)


async def remember_confirmation(
    tenant_id: UUID,
    person_id: UUID,
    client_pk: UUID,
    *,
    origin: str,
    browser: str,
    metadata_digest: str,
    expires_at: Instant,
    now: Instant,
) -> None:
    """Remember that a person said yes to a client, as it is now, at an origin; `browser` is empty for any."""
    async with database.transaction():
        await database.execute(_SEE, ids.uuid7(), tenant_id, origin, now)
        await database.execute(
            _CONFIRM, ids.uuid7(), tenant_id, person_id, client_pk, origin, browser, metadata_digest, now, expires_at
        )


async def forget_person(tenant_id: UUID, person_id: UUID) -> None:
    """Forget what a person confirmed and where they were; what was counted stays counted."""
    async with database.transaction():
        await database.execute(_FORGET_CONFIRMATIONS, tenant_id, person_id)
        await database.execute(_FORGET_VOICES, tenant_id, person_id)


async def sweep_confirmations(before: Instant, limit: int) -> int:
    """Delete a batch, over all tenants, of what expired before an instant; how many there were."""
    return await expiry.delete_expired("trust_confirmation", before, limit)
