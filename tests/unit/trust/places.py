"""Places to judge: a client, a history and a URI become facts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from server.kernel.clock import DAY
from server.tenants import Origin
from server.trust import ClientFacts, Facts, Judgement, OriginFacts, Reputation, Source, Standing, Verdict, target_of
from server.trust.deciding import Surroundings, gather
from server.trust.history_store import Past

NOW = 1_900_000_000_000_000
DIGEST = "d" * 64
KNOWN = frozenset({"acme.test", "acme-bank.test"})

ADMIN = ClientFacts("admin", Source.ADMIN, NOW, DIGEST)
DCR = ClientFacts("dcr", Source.DYNAMIC, NOW, DIGEST)
CIMD = ClientFacts("https://app.example/c.json", Source.METADATA_DOCUMENT, NOW, DIGEST, client_id_host="app.example")
PROMOTED = replace(DCR, promoted=True)
CLIENTS = {"admin": ADMIN, "dcr": DCR, "cimd": CIMD, "promoted": PROMOTED}

UNSEEN = OriginFacts()
ESTABLISHED = OriginFacts(NOW - 7 * DAY, people=100, voices=100)
HISTORIES = {
    "unseen": UNSEEN,
    "new": OriginFacts(NOW - 7 * DAY + 1, people=100, voices=100),
    "few": OriginFacts(NOW - 7 * DAY, people=99, voices=99),
    "established": ESTABLISHED,
    "reported": OriginFacts(NOW - 70 * DAY, people=100, voices=110, reports=11),
    "declined": OriginFacts(NOW - 70 * DAY, people=100, voices=150, declines=45),
    "both": OriginFacts(NOW - 70 * DAY, people=100, voices=150, declines=45, reports=15),
    "four": OriginFacts(NOW - 70 * DAY, people=0, voices=4, declines=4, reports=4),
}


def facts(
    uri: str,
    client: ClientFacts = DCR,
    origin: OriginFacts = UNSEEN,
    *,
    standing: Standing | None = None,
    reputation: Reputation = Reputation.UNKNOWN,
) -> Facts:
    """What is gathered of a place."""
    return gather(
        client, uri, target_of(uri), Surroundings(standing or Standing(), Past(origin), KNOWN, reputation), NOW
    )


def standing(*verdicts: Verdict, domains: frozenset[str] = frozenset()) -> Standing:
    """What is in force at a tenant."""
    return Standing(verdicts={verdict.subject: verdict for verdict in verdicts}, verified_domains=domains)


def verdict(judgement: Judgement, **members: object) -> Verdict:
    """A verdict of an administrator."""
    given = Verdict(UUID(int=1), judgement, Origin.CONSOLE, NOW)
    return replace(given, **members)  # type: ignore[arg-type] # members by name
