"""What the pages of the inbox show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.clients import ClientSource
from server.kernel import ids
from server.trust import HoldState, Judgement, target_of
from web.admin.clients.contexts import SOURCES
from web.admin.trust_words import sentences_of
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain, readable_host
from web.localization import mark

if TYPE_CHECKING:
    from server.projections import HoldLine
    from server.trust import Hold
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.trust_inbox.forms import AnswerForm
    from web.admin.trust_words import DecisionEntry
    from web.admin.visit import ConsoleVisit

STATES = {
    HoldState.OPEN: (mark("waits"), "notice"),
    HoldState.APPROVED: (mark("approved"), "new"),
    HoldState.BLOCKED: (mark("blocked"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the two answers; in English."""

    name: str
    title: str
    promise: str
    is_grave: bool


ANSWERS = {
    Judgement.TRUST: Answer(
        "trust",
        mark("Approve"),
        mark("People are sent there without another page, until the client changes its metadata."),
        is_grave=False,
    ),
    Judgement.BLOCK: Answer("block", mark("Block"), mark("Nobody is ever sent there."), is_grave=True),
}


@dataclass(frozen=True, slots=True)
class HoldEntry:
    """A client at an origin. `reasons`, `source` and `state` are in English."""

    id: str
    uri: str
    client: str
    client_id: str
    client_uri: str
    source: str
    host: str
    reads_as: str | None  # of a punycode host
    origin: str
    origin_uri: str
    redirect_uri: str
    people: str
    score: int
    reasons: tuple[str, ...]
    since: str
    last: str
    state: str
    kind: str
    waits: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The list."""

    holds: tuple[HoldEntry, ...]
    list: ListFrame
    answers: tuple[Answer, ...]
    may_decide: bool
    uri: str
    policy_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A row and what happens to it; a reason to skip it is in English."""

    hold: HoldEntry
    skipped: str | None


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """What an answer would do."""

    answer: Answer
    lines: tuple[AnswerLine, ...]
    form: AnswerForm
    action: str
    list_uri: str
    api_path: str
    api_body: str

    @property
    def count(self) -> int:
        """How many rows would be settled."""
        return sum(line.skipped is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rule that an answer could become, and where the editor is with it."""

    answer: Answer
    text: str
    uri: str


@dataclass(frozen=True, slots=True)
class HoldPage:
    """One row. Without a decision the client is gone."""

    hold: HoldEntry
    decision: DecisionEntry | None
    proposals: tuple[Proposal, ...]
    answers: tuple[Answer, ...]
    may_decide: bool
    list_uri: str
    simulate_uri: str
    settled: str
    history: tuple[HistoryEntry, ...]
    api_path: str


def hold_entry(visit: ConsoleVisit, hold: Hold, client_name: str | None, client_source: str | None) -> HoldEntry:
    """One row; what the client calls itself is cleaned here."""
    state, kind = STATES[hold.state]
    host = target_of(hold.redirect_uri).host or hold.origin
    client_id = plain(hold.client_id, MAX_LINE_LENGTH)
    return HoldEntry(
        id=ids.to_short(hold.id),
        uri=visit.uri("trust", "inbox", hold.id),
        client=plain(client_name, MAX_NAME_LENGTH) or client_id,
        client_id=client_id,
        client_uri=visit.uri("clients", hold.client_pk),
        source="" if client_source is None else SOURCES[ClientSource(client_source)],
        host=host,
        reads_as=readable_host(host),
        origin=hold.origin,
        origin_uri=visit.uri("trust", "origins", "one", uri=hold.redirect_uri),
        redirect_uri=plain(hold.redirect_uri, 2000),
        people=visit.language.number(hold.people),
        score=hold.score,
        reasons=sentences_of(hold.signals),
        since=visit.language.time(hold.first_held_at),
        last=visit.language.time(hold.last_held_at),
        state=state,
        kind=kind,
        waits=hold.state is HoldState.OPEN,
    )


def line_entry(visit: ConsoleVisit, line: HoldLine) -> HoldEntry:
    """One row of the list."""
    return hold_entry(visit, line.hold, line.client_name, line.client_source)
