"""What the pages about places show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration.trust_domains import BY_ADMINISTRATOR, BY_DNS
from server.kernel import ids
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.projections import OriginClient
    from server.trust import Judgement, OriginHistory, Verdict, VerifiedDomain
    from web.admin.forms import ConfirmForm
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.trust_inbox.contexts import HoldEntry
    from web.admin.trust_origins.forms import DomainForm, VerdictForm
    from web.admin.visit import ConsoleVisit

Tabs = tuple[tuple[str, str, bool], ...]

# How a domain was proved.
METHODS = {BY_DNS: mark("by the DNS"), BY_ADMINISTRATOR: mark("an administrator answers for it")}


@dataclass(frozen=True, slots=True)
class OriginEntry:
    """An origin and what became of people there."""

    origin: str
    uri: str
    people: str
    voices: str
    declines: str
    reports: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class OriginsPage:
    """The list."""

    origins: tuple[OriginEntry, ...]
    list: ListFrame
    tabs: Tabs
    one_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class SenderEntry:
    """A client that sent people there in the last 30 days; without a uri it is gone."""

    client_id: str
    uri: str | None
    authorizations: str
    people: str
    last: str


@dataclass(frozen=True, slots=True)
class VerdictEntry:
    """A verdict. `client_id` is empty for one on a host."""

    id: str
    judgement: Judgement
    host: str
    client_id: str
    redirect_uri: str
    note: str
    since: str
    expires: str
    is_expired: bool
    author: str


@dataclass(frozen=True, slots=True)
class OriginPage:
    """Everything about one origin. Nobody was ever sent there when there is no history."""

    origin: str
    host: str
    history: OriginEntry | None
    senders: tuple[SenderEntry, ...]
    verdicts: tuple[VerdictEntry, ...]
    holds: tuple[HoldEntry, ...]
    list_uri: str
    simulate_uri: str
    judge_uri: str | None
    changes: tuple[HistoryEntry, ...]
    api_path: str


@dataclass(frozen=True, slots=True)
class VerdictsPage:
    """The list, and the form of one more."""

    verdicts: tuple[VerdictEntry, ...]
    list: ListFrame
    form: VerdictForm
    tabs: Tabs
    may_manage: bool
    uri: str
    history: tuple[HistoryEntry, ...]
    api_path: str


@dataclass(frozen=True, slots=True)
class DomainEntry:
    """A domain of the tenant. How it was proved is in English, empty before it was."""

    domain: str
    uri: str
    claimed: str
    proved: str
    method: str


@dataclass(frozen=True, slots=True)
class DomainsPage:
    """The list, and the form of one more."""

    domains: tuple[DomainEntry, ...]
    form: DomainForm
    tabs: Tabs
    may_manage: bool
    uri: str
    history: tuple[HistoryEntry, ...]
    api_path: str


@dataclass(frozen=True, slots=True)
class DomainPage:
    """One domain, and the record that proves it."""

    domain: DomainEntry
    record_name: str
    challenge: str
    may_manage: bool
    may_vouch: bool
    list_uri: str
    history: tuple[HistoryEntry, ...]
    api_path: str
    error: str  # in English
    confirm: ConfirmForm
    confirm_error: str = ""


def origin_entry(visit: ConsoleVisit, history: OriginHistory) -> OriginEntry:
    """An origin."""
    say, number = visit.language.time, visit.language.number
    return OriginEntry(
        origin=plain(history.origin, MAX_LINE_LENGTH),
        uri=visit.uri("trust", "origins", "one", uri=history.origin),
        people=number(history.people),
        voices=number(history.voices),
        declines=number(history.declines),
        reports=number(history.reports),
        first=say(history.first_seen_at),
        last=say(history.last_seen_at),
    )


def sender_entry(visit: ConsoleVisit, sender: OriginClient) -> SenderEntry:
    """A client that sent people there."""
    number = visit.language.number
    return SenderEntry(
        client_id=plain(sender.client_id, MAX_LINE_LENGTH),
        uri=None if sender.client_id is None or sender.client_pk is None else visit.uri("clients", sender.client_pk),
        authorizations=number(sender.authorizations),
        people=number(sender.people),
        last=visit.language.time(sender.last_at),
    )


def verdict_entry(visit: ConsoleVisit, verdict: Verdict, author: str) -> VerdictEntry:
    """A verdict."""
    return VerdictEntry(
        id=ids.to_short(verdict.id),
        judgement=verdict.judgement,
        host=plain(verdict.host, MAX_LINE_LENGTH),
        client_id=plain(verdict.client_id, MAX_LINE_LENGTH),
        redirect_uri=plain(verdict.redirect_uri, MAX_LINE_LENGTH),
        note=plain(verdict.note, MAX_LINE_LENGTH),
        since=visit.language.time(verdict.created_at),
        expires="" if verdict.expires_at is None else visit.language.time(verdict.expires_at),
        is_expired=verdict.expires_at is not None and verdict.expires_at <= visit.now,
        author=author,
    )


def domain_entry(visit: ConsoleVisit, domain: VerifiedDomain) -> DomainEntry:
    """A domain."""
    return DomainEntry(
        domain=domain.domain,
        uri=visit.uri("trust", "origins", "domains", domain.domain),
        claimed=visit.language.time(domain.created_at),
        proved="" if domain.verified_at is None else visit.language.time(domain.verified_at),
        method=METHODS.get(domain.method or "", ""),
    )
