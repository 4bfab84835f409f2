"""What the pages of keys show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.keys import Algorithm, KeyState, renewal_of
from web.admin.keys.timeline import ROW, WIDTH, span_of, stretches
from web.localization import mark

if TYPE_CHECKING:
    from server.keys import KeyTimes
    from web.admin.forms import ConfirmForm
    from web.admin.history import HistoryEntry
    from web.admin.keys.timeline import Span, Stretch
    from web.admin.visit import ConsoleVisit

USES = {
    Algorithm.ES256: mark("Access tokens, and ID tokens for those who ask for it"),
    Algorithm.RS256: mark("ID tokens, by OpenID Connect's default"),
    Algorithm.ED25519: mark("ID tokens for those who ask for it"),
}
STATES = {
    KeyState.ANNOUNCED: (mark("announced"), "notice"),
    KeyState.ACTIVE: (mark("active"), "new"),
    KeyState.RETIRING: (mark("retiring"), "notice"),
    KeyState.RETIRED: (mark("retired"), ""),
}


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key; the state is in English, with the kind of its chip. `until` is when its next step comes, or came."""

    kid: str
    state: str
    chip: str
    active: str
    until: str
    retire_uri: str | None


@dataclass(frozen=True, slots=True)
class Lane:
    """The keys of one algorithm, drawn and listed. `use` is in English."""

    algorithm: str
    use: str
    keys: tuple[KeyEntry, ...]
    stretches: tuple[Stretch, ...]
    height: str
    now: str


@dataclass(frozen=True, slots=True)
class KeysPage:
    """The timeline."""

    lanes: tuple[Lane, ...]
    first_day: str
    last_day: str
    jwks_uri: str
    uri: str
    api_path: str
    may_manage: bool
    width: str
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class RetirePage:
    """Ending one key before its time."""

    kid: str
    algorithm: str
    signs: bool
    slug: str
    uri: str
    list_uri: str
    api_path: str
    confirm: ConfirmForm
    confirm_error: str = ""


def lanes_of(visit: ConsoleVisit, keys: tuple[KeyTimes, ...], *, may_manage: bool) -> tuple[tuple[Lane, ...], Span]:
    """A lane for each algorithm, all drawn to one scale."""
    span = span_of(keys, visit.now)
    lanes = []
    for algorithm in Algorithm:
        of_lane = tuple(key for key in keys if key.algorithm is algorithm)
        entries = tuple(_entry(visit, key, may_manage=may_manage) for key in of_lane)
        height, today = f"{ROW * max(len(of_lane), 1):.0f}", f"{span.x(visit.now):.2f}"
        drawn = stretches(of_lane, span, visit.now)
        lanes.append(Lane(algorithm.value, USES[algorithm], entries, drawn, height, today))
    return tuple(lanes), span


def keys_page(
    visit: ConsoleVisit, keys: tuple[KeyTimes, ...], history: tuple[HistoryEntry, ...], *, may_manage: bool
) -> KeysPage:
    """The page."""
    lanes, span = lanes_of(visit, keys, may_manage=may_manage)
    return KeysPage(
        lanes=lanes,
        first_day=visit.language.date(span.start),
        last_day=visit.language.date(span.end),
        jwks_uri=f"{visit.tenant.issuer}/jwks",
        uri=visit.uri("keys"),
        api_path=visit.api("keys"),
        may_manage=may_manage,
        width=f"{WIDTH:.0f}",
        history=history,
    )


def _entry(visit: ConsoleVisit, key: KeyTimes, *, may_manage: bool) -> KeyEntry:
    state, chip = STATES[key.state]
    until = key.retires_at or (key.activates_at if key.state is KeyState.ANNOUNCED else renewal_of(key))
    return KeyEntry(
        kid=key.kid,
        state=state,
        chip=chip,
        active=visit.language.time(key.activates_at),
        until=visit.language.time(until),
        retire_uri=visit.uri("keys", key.kid, "retire") if may_manage and key.state is not KeyState.RETIRED else None,
    )
