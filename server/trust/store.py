"""Queries over what a tenant decided: policy versions, verdicts, domains. All of it that is in force is cached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel import database, ids, invalidation, lists
from server.kernel.cache import TenantCache
from server.kernel.json import dump_json, load_json
from server.tenants import Origin

from .documents import policy_to_json, stored_policy
from .records import Judgement
from .rules import TrustPolicy
from .verdicts import Verdict, check_verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

TOPIC = "trust"

_VERDICT = """
id, judgement, host, client_id, redirect_uri, metadata_digest, note, origin, author, created_at, expires_at
"""
# Everything in one query: what is in force is wanted together. The first SELECT gives the columns their types.
_STANDING = f"""
SELECT 'verdict' AS kind, {_VERDICT} FROM trust_verdict WHERE tenant_id = $1
UNION ALL
SELECT 'policy', id, NULL, NULL, NULL, document, NULL, NULL, NULL, NULL, version, NULL FROM trust_policy
WHERE tenant_id = $1 AND version = (SELECT max(version) FROM trust_policy WHERE tenant_id = $1)
UNION ALL
SELECT 'domain', id, NULL, domain, NULL, NULL, NULL, NULL, NULL, NULL, created_at, NULL FROM trust_domain
WHERE tenant_id = $1 AND verified_at IS NOT NULL
"""  # noqa: S608 - constants only
_VERSIONS = """
SELECT version, document, author, created_at FROM trust_policy WHERE tenant_id = $1 ORDER BY version DESC LIMIT $2
"""
_VERSIONS_BEFORE = """
SELECT version, document, author, created_at FROM trust_policy WHERE tenant_id = $1 AND version < $3
ORDER BY version DESC LIMIT $2
"""
_VERSION = "SELECT version, document, author, created_at FROM trust_policy WHERE tenant_id = $1 AND version = $2"
_SOME = """
SELECT version, document, author, created_at FROM trust_policy WHERE tenant_id = $1 AND version """
_SAVE = """
INSERT INTO trust_policy (id, tenant_id, version, document, author, created_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_LIST_VERDICTS = f"""
SELECT {_VERDICT} FROM trust_verdict WHERE tenant_id = $1 ORDER BY created_at, id
"""  # noqa: S608 - constants only
_SET_VERDICT = """
INSERT INTO trust_verdict (id, tenant_id, subject, judgement, host, client_id, redirect_uri, metadata_digest, note,
 origin, author, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (tenant_id, subject) DO UPDATE SET judgement = excluded.judgement, note = excluded.note,
 redirect_uri = excluded.redirect_uri, metadata_digest = excluded.metadata_digest, origin = excluded.origin,
 author = excluded.author, created_at = excluded.created_at, expires_at = excluded.expires_at
"""
_REMOVE_VERDICT = "DELETE FROM trust_verdict WHERE tenant_id = $1 AND subject = $2"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as somebody saved it; version 0 is the empty one that every tenant begins with."""

    version: int
    policy: TrustPolicy
    author: str | None
    created_at: Instant


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force at a tenant."""

    version: int = 0
    policy: TrustPolicy = field(default_factory=TrustPolicy)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # by subject
    verified_domains: frozenset[str] = frozenset()


def _weigh(standing: Standing) -> int:
    """Entries, so that one tenant with many verdicts counts as what it is."""
    return 1 + len(standing.verdicts) + len(standing.verified_domains) + len(standing.policy.rules)


_cache: TenantCache[str, Standing] = TenantCache(TOPIC, size=200_000, weigh=_weigh)


async def get_standing(tenant_id: UUID) -> Standing:
    """Policy, verdicts and domains in force; cached, one query where it is not."""
    standing = await _cache.get(tenant_id, TOPIC, lambda: _load(tenant_id))
    return standing or Standing()


async def list_policy_versions(
    tenant_id: UUID, limit: int = 100, *, before: int | None = None
) -> tuple[PolicyVersion, ...]:
    """The newest versions first; all of them are older than `before`."""
    if before is None:
        rows = await database.rows(_VERSIONS, tenant_id, limit)
    else:
        rows = await database.rows(_VERSIONS_BEFORE, tenant_id, limit, before)
    return tuple(map(_version, rows))


async def find_policy_version(tenant_id: UUID, version: int) -> PolicyVersion | None:
    """One version, in force or not."""
    row = await database.row(_VERSION, tenant_id, version)
    return _version(row) if row else None


async def find_policy_versions(tenant_id: UUID, versions: Iterable[int]) -> dict[int, PolicyVersion]:
    """Several versions, as far as there are; one query."""
    rows = await database.rows(_SOME + lists.among("$2"), tenant_id, lists.as_argument(versions))
    return {found.version: found for found in map(_version, rows)}


async def save_policy(tenant_id: UUID, policy: TrustPolicy, *, after: int, author: str | None, now: Instant) -> int:
    """Put a policy in force and return its version; raises InvalidPolicy, and AlreadyExists.

    The latter when the version in force is no longer `after`, the one that the author saw.
    """
    document = dump_json(policy_to_json(policy))
    async with database.transaction():
        await database.execute(_SAVE, ids.uuid7(), tenant_id, after + 1, document, author, now)
        await invalidation.changed(tenant_id, TOPIC)
    return after + 1


async def list_verdicts(tenant_id: UUID) -> tuple[Verdict, ...]:
    """Every verdict, expired and lapsed ones too, in the order in which they were given."""
    return tuple(_verdict(row) for row in await database.rows(_LIST_VERDICTS, tenant_id))


async def set_verdict(tenant_id: UUID, verdict: Verdict) -> None:
    """Store a verdict instead of an earlier one on the same subject; raises InvalidVerdict."""
    check_verdict(verdict)
    arguments = (
        verdict.id, tenant_id, verdict.subject, verdict.judgement.value, verdict.host, verdict.client_id,
        verdict.redirect_uri, verdict.metadata_digest, verdict.note, verdict.origin.value, verdict.author,
        verdict.created_at, verdict.expires_at,
    )  # fmt: skip
    async with database.transaction():
        await database.execute(_SET_VERDICT, *arguments)
        await invalidation.changed(tenant_id, TOPIC)


async def remove_verdict(tenant_id: UUID, subject: str) -> bool:
    """Take a verdict back; false when there was none."""
    async with database.transaction():
        removed = await database.execute(_REMOVE_VERDICT, tenant_id, subject)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


async def _load(tenant_id: UUID) -> Standing:
    version, policy = 0, TrustPolicy()
    verdicts: dict[str, Verdict] = {}
    domains: set[str] = set()
    for row in await database.rows(_STANDING, tenant_id):
        match row["kind"]:
            case "policy":
                version = database.as_int(row["created_at"])
                policy = stored_policy(load_json(str(row["redirect_uri"])))
            case "domain":
                domains.add(str(row["host"]))
            case _:
                verdict = _verdict(row)
                verdicts[verdict.subject] = verdict
    return Standing(version, policy, verdicts, frozenset(domains))


def _version(row: Mapping[str, object]) -> PolicyVersion:
    return PolicyVersion(
        version=database.as_int(row["version"]),
        policy=stored_policy(load_json(str(row["document"]))),
        author=database.as_optional_text(row["author"]),
        created_at=database.as_int(row["created_at"]),
    )


def _verdict(row: Mapping[str, object]) -> Verdict:
    return Verdict(
        id=database.as_uuid(row["id"]),
        judgement=Judgement(str(row["judgement"])),
        origin=Origin(str(row["origin"])),
        created_at=database.as_int(row["created_at"]),
        host=database.as_optional_text(row["host"]),
        client_id=database.as_optional_text(row["client_id"]),
        redirect_uri=database.as_optional_text(row["redirect_uri"]),
        metadata_digest=database.as_optional_text(row["metadata_digest"]),
        note=database.as_optional_text(row["note"]),
        expires_at=database.as_optional_int(row["expires_at"]),
        author=database.as_optional_text(row["author"]),
    )
