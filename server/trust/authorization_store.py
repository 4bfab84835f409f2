"""Queries over recorded authorizations: what replay evaluates, what hits are counted from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel import database, expiry, ids
from server.kernel.database import Statement
from server.kernel.json import dump_json, load_json

from .facts import Facts
from .records import Action, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

    from .decisions import Decision

_INSERT = """
INSERT INTO trust_authorization (id, tenant_id, recorded_at, client_pk, person_id, action, reason, rule,
 policy_version, facts, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_COUNT = "SELECT count(*) AS total FROM trust_authorization WHERE tenant_id = $1 AND recorded_at >= $2"
# In the order of the index: what others recorded is not walked through.
_PAGE = """
SELECT id, recorded_at, client_pk, person_id, action, reason, rule, policy_version, facts FROM trust_authorization
WHERE tenant_id = $1 AND recorded_at >= $2 AND (recorded_at > $2 OR id > $3) ORDER BY recorded_at, id LIMIT $4
"""
_HITS = """
SELECT policy_version, rule, count(*) AS hits FROM trust_authorization
WHERE tenant_id = $1 AND recorded_at >= $2 AND rule IS NOT NULL GROUP BY policy_version, rule
"""


@dataclass(frozen=True, slots=True)
class RecordedAuthorization:
    """What was decided once, and from what."""

    id: UUID
    recorded_at: Instant
    client_pk: UUID | None
    person_id: UUID | None
    action: Action
    reason: Reason
    rule: int | None
    policy_version: int
    document: str = field(repr=False)

    @property
    def facts(self) -> Facts:
        """What it was decided from, read anew each time; raises UnknownFacts for those of a later release."""
        return Facts.from_json(load_json(self.document))


def row_of_authorization(
    tenant_id: UUID,
    decision: Decision,
    *,
    client_pk: UUID | None,
    person_id: UUID | None,
    kept_until: Instant,
    now: Instant,
) -> Statement:
    """The row that records a decision: one insert, written with the grant."""
    arguments = (
        ids.uuid7(), tenant_id, now, client_pk, person_id, decision.action.value, decision.reason.value, decision.rule,
        decision.policy_version, dump_json(decision.facts.to_json()), kept_until,
    )  # fmt: skip
    return Statement(_INSERT, arguments)


async def count_authorizations(tenant_id: UUID, since: Instant) -> int:
    """How many were recorded since an instant."""
    row = await database.row(_COUNT, tenant_id, since)
    return database.as_int(row["total"]) if row else 0


async def list_authorizations(
    tenant_id: UUID, since: Instant, *, after: UUID, limit: int
) -> tuple[RecordedAuthorization, ...]:
    """A page of what was recorded since an instant, the oldest first.

    For the next one `since` and `after` are the instant and the id of the last of this one.
    """
    return tuple(_authorization(row) for row in await database.rows(_PAGE, tenant_id, since, after, limit))


async def count_rule_hits(tenant_id: UUID, since: Instant) -> dict[tuple[int, int], int]:
    """How often each rule decided since an instant, by the version of the policy and the number of the rule."""
    rows = await database.rows(_HITS, tenant_id, since)
    return {
        (database.as_int(row["policy_version"]), database.as_int(row["rule"])): database.as_int(row["hits"])
        for row in rows
    }


async def sweep_authorizations(before: Instant, limit: int) -> int:
    """Delete a batch, over all tenants, of what was to be kept until an instant; how many there were."""
    return await expiry.delete_expired("trust_authorization", before, limit)


def _authorization(row: Mapping[str, object]) -> RecordedAuthorization:
    return RecordedAuthorization(
        id=database.as_uuid(row["id"]),
        recorded_at=database.as_int(row["recorded_at"]),
        client_pk=database.as_optional_uuid(row["client_pk"]),
        person_id=database.as_optional_uuid(row["person_id"]),
        action=Action(str(row["action"])),
        reason=Reason(str(row["reason"])),
        rule=database.as_optional_int(row["rule"]),
        policy_version=database.as_int(row["policy_version"]),
        document=str(row["facts"]),
    )
