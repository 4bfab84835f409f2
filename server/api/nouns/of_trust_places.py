"""Places that people are sent to: what would happen there, what became of people, and which domains are one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from server.administration import Permission, trust_domains, trust_origins, trust_simulator
from server.api.documents import Time, document, fill
from server.api.routes import Answer, Call, Route, listed
from server.api.shapes import Text
from server.kernel.paging import page_of

from .of_trust_verdicts import show as show_verdict
from .of_trust_verdicts import show_line
from .trust_documents import (
    Author,
    ClientId,
    Place,
    TrustDecision,
    TrustHold,
    TrustQuestion,
    TrustSignal,
    TrustVerdict,
)

if TYPE_CHECKING:
    from server.trust import VerifiedDomain

Domain = Annotated[str, Text(1, 253, "acme.test")]


@document
@dataclass(frozen=True, slots=True)
class TrustOrigin:
    """An origin that people were sent to. `voices` is how many of them count, having a verified address."""

    origin: Place
    first_seen_at: Time
    last_seen_at: Time
    people: int
    voices: int
    declines: int
    reports: int


@document
@dataclass(frozen=True, slots=True)
class TrustOriginClient:
    """What a client sent to an origin in the last 30 days; without a client_id it is gone."""

    client: UUID | None
    client_id: ClientId | None
    authorizations: int
    people: int
    first_at: Time
    last_at: Time


@document
@dataclass(frozen=True, slots=True)
class TrustOriginPast:
    """Everything about one origin. Nobody was ever sent there when there is no `history`."""

    origin: Place
    history: TrustOrigin | None
    clients: tuple[TrustOriginClient, ...]
    verdicts: tuple[TrustVerdict, ...]
    holds: tuple[TrustHold, ...]


@document
@dataclass(frozen=True, slots=True)
class TrustPlaceQuery:
    """The place whose origin is meant."""

    uri: Place


@document
@dataclass(frozen=True, slots=True)
class TrustOriginQuery:
    """Which origins; `search` is looked for anywhere in them."""

    search: Annotated[str, Text(1, 200)] | None = None


@document
@dataclass(frozen=True, slots=True)
class TrustDomain:
    """A domain of the tenant. It counts once it is verified: its TXT record `record` must hold `challenge`."""

    domain: Domain
    record: Annotated[str, Text(1, 300)]
    challenge: Annotated[str, Text(1, 200)]
    method: Annotated[str, Text(1, 50)] | None
    author: Author | None
    created_at: Time
    verified_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class NewTrustDomain:
    """A domain that is said to be the tenant's own."""

    domain: Domain


async def simulate(call: Call) -> Answer:
    """What the policy in force says of a place to somebody who was never there. Nothing is remembered."""
    body = call.body(TrustQuestion)
    found = await trust_simulator.simulate(call.operator, call.tenant, body.redirect_uri, body.client_id, call.now)
    return Answer(fill(TrustDecision, found, signals=tuple(fill(TrustSignal, hit) for hit in found.signals)))


async def list_origins(call: Call) -> Answer:
    """The origins that people were sent to, by name, and what became of people there."""
    page = await trust_origins.page(call.operator, call.tenant, call.query(TrustOriginQuery).search, call.paging)
    return listed(page, lambda history: fill(TrustOrigin, history))


async def get_origin(call: Call) -> Answer:
    """The past of the origin of a URI: what became of people there, who sent them, what was decided about it."""
    past = await trust_origins.past(call.operator, call.tenant, call.query(TrustPlaceQuery).uri, call.now)
    return Answer(
        TrustOriginPast(
            origin=past.target.origin,
            history=fill(TrustOrigin, past.history) if past.history else None,
            clients=tuple(fill(TrustOriginClient, client, client=client.client_pk) for client in past.clients),
            verdicts=tuple(map(show_verdict, past.verdicts)),
            holds=tuple(map(show_line, past.holds)),
        )
    )


async def list_domains(call: Call) -> Answer:
    """The domains of the tenant, verified or not, by name."""
    found = await trust_domains.domains(call.operator, call.tenant)
    return listed(page_of(found, lambda domain: domain.domain, call.paging), show)


async def get_domain(call: Call) -> Answer:
    """One domain, and what its TXT record must hold."""
    return Answer(show(await _find(call)))


async def claim_domain(call: Call) -> Answer:
    """Say that a domain is the tenant's own. It does not count before it is verified."""
    claimed = await trust_domains.claim(call.operator, call.tenant, call.body(NewTrustDomain).domain, call.now)
    return Answer(show(claimed), location=f"/tenants/{call.tenant.slug}/trust/domains/{claimed.domain}")


async def check_domain(call: Call) -> Answer:
    """Look for the challenge in the DNS, and let the domain count when it is there."""
    name, read_txt = call.parameters["domain"], call.surroundings.read_txt
    await trust_domains.verify(call.operator, call.tenant, name, read_txt, call.now)
    return Answer(show(await _find(call)))


async def vouch_for_domain(call: Call) -> Answer:
    """Let a domain count without a record, since whoever owns the platform answers for it."""
    await trust_domains.vouch(call.operator, call.tenant, call.parameters["domain"], call.now)
    return Answer(show(await _find(call)))


async def give_domain_up(call: Call) -> Answer:
    """Let a domain no longer count. A tenant that is at it stays there."""
    await trust_domains.discard(call.operator, call.tenant, call.parameters["domain"], call.now)
    return Answer()


def show(domain: VerifiedDomain) -> TrustDomain:
    """The document of a domain."""
    return fill(TrustDomain, domain, record=trust_domains.record_name(domain.domain))


async def _find(call: Call) -> VerifiedDomain:
    return await trust_domains.get(call.operator, call.tenant, call.parameters["domain"])


TRUST, DOMAINS = "/tenants/{tenant}/trust", "/tenants/{tenant}/trust/domains"
ONE = f"{DOMAINS}/{{domain}}"
READ, MANAGE = Permission.READ, Permission.MANAGE_SETTINGS
ROUTES = (
    Route("POST", f"{TRUST}/simulations", "simulateTrust", simulate, READ, TrustDecision, TrustQuestion),
    Route(
        "GET", f"{TRUST}/origins", "listTrustOrigins", list_origins, READ, TrustOrigin,
        query=TrustOriginQuery, paged=True,
    ),
    Route(
        "GET", f"{TRUST}/origins/history", "getTrustOrigin", get_origin, READ, TrustOriginPast, query=TrustPlaceQuery
    ),
    Route("GET", DOMAINS, "listTrustDomains", list_domains, READ, TrustDomain, paged=True),
    Route(
        "POST", DOMAINS, "claimTrustDomain", claim_domain, MANAGE, TrustDomain, NewTrustDomain,
        status=201, refusals=(409,),
    ),
    Route("GET", ONE, "getTrustDomain", get_domain, READ, TrustDomain),
    Route("DELETE", ONE, "giveTrustDomainUp", give_domain_up, MANAGE),
    Route("POST", f"{ONE}/check", "checkTrustDomain", check_domain, MANAGE, TrustDomain, refusals=(409,)),
    Route("POST", f"{ONE}/vouch", "vouchForTrustDomain", vouch_for_domain, Permission.MANAGE_TENANTS, TrustDomain),
)  # fmt: skip
