"""What a person was shown when they were asked for consent or told where they were going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.trust import Signal
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.trust_sentences import sentence_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.json import JsonValue

KNOWN_SIGNALS = frozenset(Signal)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """What stood on the page, and what trust made of the place. `signals` are sentences in English."""

    destination: str
    client_name: str
    scopes: tuple[str, ...]
    resources: tuple[str, ...]
    consent_shown: bool | None  # None: the event is not about consent
    action: str
    score: str
    reason: str
    rule: str
    policy_version: str
    signals: tuple[str, ...]


def shown_part(details: Mapping[str, JsonValue]) -> ShownPart:
    """What the details of an event say was shown."""
    found = details.get("decision")
    decision = found if isinstance(found, dict) else {}
    consent = details.get("consent_shown")
    return ShownPart(
        destination=_line(details.get("redirect_origin")),
        client_name=plain(_line(details.get("client_name")), MAX_NAME_LENGTH),
        scopes=tuple(_line(details.get("scope")).split()),
        resources=_lines(details.get("resources")),
        consent_shown=consent if isinstance(consent, bool) else None,
        action=_line(decision.get("action")),
        score=_line(decision.get("score")),
        reason=_line(decision.get("reason")),
        rule=_line(decision.get("rule")),
        policy_version=_line(decision.get("policy_version")),
        signals=tuple(_sentence(name) for name in _lines(decision.get("signals"))),
    )


def _sentence(name: str) -> str:
    # A signal of another release has no sentence here, only its name.
    return sentence_of(Signal(name)) if name in KNOWN_SIGNALS else name


def _line(value: JsonValue) -> str:
    return "" if value is None else plain(str(value), MAX_LINE_LENGTH)


def _lines(value: JsonValue) -> tuple[str, ...]:
    return tuple(_line(item) for item in value) if isinstance(value, list) else ()
