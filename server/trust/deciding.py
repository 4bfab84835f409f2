"""The one place where facts are gathered and the policy is asked: two queries at most, one when caches are warm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from server.kernel import digests
from server.kernel.clock import DAY
from server.protocol.errors import InvalidRedirectUri

from . import domains, history_store, names
from .facts import Facts
from .history_store import Outcome, Past
from .policy import evaluate
from .records import Reputation
from .reputation import find_reputation, look_up_reputation, remembered_reputation
from .store import get_standing
from .targets import Target, TargetKind, target_of
from .verdicts import find_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.kernel.clock import Instant

    from .decisions import Decision
    from .records import ClientFacts
    from .store import Standing

COUNTS_AFTER = 7 * DAY  # the age of an account from which on its person counts


class DescribedPerson(Protocol):
    """Any person: users.User is one."""

    @property
    def id(self) -> UUID:
        """The internal id."""

    @property
    def created_at(self) -> Instant:
        """When the account was made."""

    @property
    def email_verified(self) -> bool:
        """Whether the address is known to be the person's."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found about a place: at the tenant, in the past, and by others."""

    standing: Standing
    past: Past
    known_domains: frozenset[str] = frozenset()
    reputation: Reputation = Reputation.UNKNOWN


async def decide(
    tenant_id: UUID,
    client: ClientFacts,
    redirect_uri: str,
    person_id: UUID | None,
    now: Instant,
    *,
    known_domains: frozenset[str] = frozenset(),
    browser: str | None = None,
    looking: bool = False,
) -> Decision:
    """What the tenant's policy says of sending this person to this URI, on behalf of this client.

    `known_domains` are the tenant's own (projections.known_domains); `browser` is the browser's binding, which
    confirmations at loopback are remembered for. A service for reputations is asked where one is set up; where
    somebody is only `looking`, so that nobody else notices. Raises nothing: a URI that breaks a hard rule is blocked.
    """
    standing = await get_standing(tenant_id)
    try:
        target = target_of(redirect_uri)
    except InvalidRedirectUri as error:
        return _refused(client, redirect_uri, error.why, standing, now)
    key = _browser_key(target, browser)
    past = await history_store.find_past(
        tenant_id, target.origin, person_id=person_id, client_pk=client.pk, browser=key
    )
    # Of hosts on the web only: on somebody's own machine there is nobody to be known.
    find = look_up_reputation if looking else find_reputation
    said = await find(target.host) if target.kind is TargetKind.WEB else Reputation.UNKNOWN
    surroundings = Surroundings(standing, past, known_domains, said)
    facts = gather(client, redirect_uri, target, surroundings, now)
    return _with_past(evaluate(facts, standing.policy, standing.version, now), client, past, now)


async def decide_each(
    tenant_id: UUID, client: ClientFacts, redirect_uris: Sequence[str], now: Instant, *, known_domains: frozenset[str]
) -> tuple[Decision, ...]:
    """`decide` about every one of these URIs, for somebody who was never there; one query however many they are.

    No service is asked: what it said before counts.
    """
    standing = await get_standing(tenant_id)
    histories = await history_store.find_origins(
        tenant_id, {origin for uri in redirect_uris for origin in _origin(uri)}
    )

    def decided(uri: str) -> Decision:
        try:
            target = target_of(uri)
        except InvalidRedirectUri as error:
            return _refused(client, uri, error.why, standing, now)
        history = histories.get(target.origin)
        past = Past() if history is None else Past(history.facts, history.last_seen_at)
        said = remembered_reputation(target.host) if target.kind is TargetKind.WEB else Reputation.UNKNOWN
        facts = gather(client, uri, target, Surroundings(standing, past, known_domains, said), now)
        return evaluate(facts, standing.policy, standing.version, now)

    return tuple(map(decided, redirect_uris))


def gather(client: ClientFacts, redirect_uri: str, target: Target, around: Surroundings, now: Instant) -> Facts:
    """All that the evaluation needs, from what was loaded. Pure."""
    own, past = around.standing.verified_domains, around.past
    is_web = target.kind is TargetKind.WEB
    changed = past.known_digest not in {None, client.metadata_digest}
    return Facts(
        at=now,
        redirect_uri=redirect_uri,
        client_id=client.client_id,
        source=client.standing,
        target=target,
        origin=past.origin,
        client_id_host=client.client_id_host,
        differs_from_client=is_web and _differs(client, target),
        loopback_only=client.loopback_only,
        verified_domain=is_web and target.registrable in own,
        lookalike_of=names.find_lookalike(target.host, around.known_domains | own) if is_web else None,
        metadata_changed=changed,
        reputation=around.reputation,
        verdict=find_verdict(around.standing.verdicts, client, target, redirect_uri, now),
    )


def counts(person: DescribedPerson, now: Instant) -> bool:
    """Whether what a person does counts for others: nobody should be able to make up a hundred people."""
    return person.email_verified and now - person.created_at >= COUNTS_AFTER


async def note_outcome(
    tenant_id: UUID, decision: Decision, person: DescribedPerson, outcome: Outcome, now: Instant
) -> None:
    """Remember what a person did at a place: went there, declined or reported it. No query where nothing is new."""
    origin, does_count = decision.facts.target.origin, counts(person, now)
    is_known = not decision.is_stale and (decision.person_counted or not does_count)
    if not origin or (is_known and outcome is Outcome.ACCEPTED):
        return
    await history_store.note_outcome(tenant_id, origin, person.id, outcome, counts=does_count, now=now)


async def remember(
    tenant_id: UUID, decision: Decision, client: ClientFacts, person_id: UUID, *, browser: str | None, now: Instant
) -> None:
    """Remember that a person chose to go on to a place; for as long as the policy says. The client must have a row."""
    standing = await get_standing(tenant_id)
    if client.pk is None:
        raise AssertionError("a confirmation is remembered after the client was stored")
    target = decision.facts.target
    await history_store.remember_confirmation(
        tenant_id,
        person_id,
        client.pk,
        origin=target.origin,
        browser=_browser_key(target, browser),
        metadata_digest=client.metadata_digest,
        expires_at=now + standing.policy.remember_confirmations,
        now=now,
    )


def _origin(redirect_uri: str) -> tuple[str, ...]:
    """The origin of a URI that breaks no hard rule."""
    try:
        return (target_of(redirect_uri).origin,)
    except InvalidRedirectUri:
        return ()


def _with_past(decision: Decision, client: ClientFacts, past: Past, now: Instant) -> Decision:
    confirmed = past.confirmed_digest == client.metadata_digest and now < past.confirmed_until
    stale = past.last_seen_at is None or now - past.last_seen_at >= history_store.SEEN_EVERY
    return replace(
        decision,
        confirmed=confirmed,
        is_stale=stale,
        person_counted=past.person_counted,
        is_acquainted=past.seen_digest == client.metadata_digest,
    )


def _refused(client: ClientFacts, redirect_uri: str, why: str, standing: Standing, now: Instant) -> Decision:
    facts = Facts(
        at=now,
        redirect_uri=redirect_uri,
        client_id=client.client_id,
        source=client.standing,
        target=Target(TargetKind.NONE),
        broken_rule=why,
    )
    return evaluate(facts, standing.policy, standing.version, now)


def _differs(client: ClientFacts, target: Target) -> bool:
    """Whether the place is another party's than the client claims to be; where it claims nothing it is not."""
    own = client.client_id_host or client.client_uri_host
    return own is not None and domains.registrable_domain(own) != target.registrable


def _browser_key(target: Target, browser: str | None) -> str:
    """What a confirmation is bound to: anything may answer on another machine's loopback."""
    if target.kind is not TargetKind.LOOPBACK:
        return ""
    return digests.sha256(browser or "").hex()
