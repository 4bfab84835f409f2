"""Policies as JSON: as they are kept, as a manifest and the API write them. Strict, and told by rule number.

A duration is a text such as 90d; an instant is an ISO date or time, in UTC unless it says otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import NoneType
from typing import TYPE_CHECKING, TypeVar

from server.kernel.clock import LATEST, SECOND, format_duration, parse_duration

from .records import Action, Source
from .rules import (
    HIGHEST_RISK,
    LONGEST_NOTE,
    LOWEST_RISK,
    InvalidPolicy,
    Rule,
    Thresholds,
    TrustPolicy,
    check_policy,
    numbered,
)
from .signals import Signal

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from enum import StrEnum

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue

Choice = TypeVar("Choice", bound="StrEnum")

_POLICY = frozenset({"thresholds", "remember_confirmations", "rules"})
_THRESHOLDS = frozenset({"confirm", "hold"})
_RULE = frozenset({
    "action", "host", "scheme", "loopback", "client_source", "client_id_host", "signal", "min_risk", "max_risk",
    "note", "expires",
})  # fmt: skip


def policy_from_json(document: JsonValue) -> TrustPolicy:
    """Read a policy; raises InvalidPolicy. What is not written has its default."""
    policy = _policy(document)
    check_policy(policy)
    return policy


def stored_policy(document: JsonValue) -> TrustPolicy:
    """Read a policy that was stored; notes that a former release let be longer are cut. Raises InvalidPolicy."""
    policy = _policy(document)
    rules = tuple(replace(rule, note=rule.note and rule.note[:LONGEST_NOTE]) for rule in policy.rules)
    check_policy(policy := replace(policy, rules=rules))
    return policy


def policy_to_json(policy: TrustPolicy) -> dict[str, JsonValue]:
    """Write a policy as `policy_from_json` reads it; raises InvalidPolicy for one that it would not."""
    check_policy(policy)
    return {
        "thresholds": {"confirm": policy.thresholds.confirm, "hold": policy.thresholds.hold},
        "remember_confirmations": format_duration(policy.remember_confirmations),
        "rules": [rule_to_json(rule) for rule in policy.rules],
    }


def rule_to_json(rule: Rule) -> dict[str, JsonValue]:
    """One rule, without the conditions that it does not make."""
    written: dict[str, JsonValue] = {
        "host": rule.host,
        "scheme": rule.scheme,
        "loopback": rule.loopback,
        "client_source": [source.value for source in rule.client_source] or None,
        "client_id_host": rule.client_id_host,
        "signal": None if rule.signal is None else rule.signal.value,
        "min_risk": rule.min_risk,
        "max_risk": rule.max_risk,
        "action": rule.action.value,
        "note": rule.note,
        "expires": None if rule.expires_at is None else format_instant(rule.expires_at),
    }
    return {name: value for name, value in written.items() if value is not None}


def parse_instant(text: str) -> Instant:
    """Read an ISO date, which is its beginning, or time; UTC unless it names an offset.

    Raises ValueError, also for what is before 1970 or, by its offset, after 9999.
    """
    day = date.fromisoformat(text) if len(text) <= len("2027-06-30") else None
    moment = datetime(day.year, day.month, day.day) if day else datetime.fromisoformat(text)  # noqa: DTZ001 - below
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    instant = int(aware.timestamp()) * SECOND
    if not 0 <= instant <= LATEST:
        raise ValueError("an instant is from 1970 to 9999")
    return instant


def format_instant(instant: Instant) -> str:
    """Write an instant as `parse_instant` reads it, to the second."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC)
    is_day = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.date().isoformat() if is_day else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _policy(document: JsonValue) -> TrustPolicy:
    members = _mapping(document, _POLICY, "a policy")
    default = TrustPolicy()
    return TrustPolicy(
        thresholds=_thresholds(members.get("thresholds")),
        remember_confirmations=_duration(members.get("remember_confirmations"), default.remember_confirmations),
        rules=_rules(members.get("rules")),
    )


def _thresholds(written: JsonValue) -> Thresholds:
    default = Thresholds()
    if written is None:
        return default
    members = _mapping(written, _THRESHOLDS, "thresholds")
    return Thresholds(
        confirm=_risk(members.get("confirm", default.confirm), "thresholds: confirm"),
        hold=_risk(members.get("hold", default.hold), "thresholds: hold"),
    )


def _rules(written: JsonValue) -> tuple[Rule, ...]:
    if not isinstance(written, list | NoneType):
        raise InvalidPolicy("rules must be a list")
    rules: list[Rule] = []
    for number, rule in enumerate(written or [], start=1):
        with numbered(number):
            rules.append(_rule(rule))
    return tuple(rules)


def _rule(written: JsonValue) -> Rule:
    members = _mapping(written, _RULE)
    if "action" not in members:
        raise InvalidPolicy("action is missing")
    sources = members.get("client_source")
    return Rule(
        action=_choice(members["action"], Action, "action"),
        host=_host(members.get("host"), "host"),
        scheme=_text(members.get("scheme"), "scheme"),
        loopback=_flag(members.get("loopback"), "loopback"),
        client_source=tuple(
            _choice(source, Source, "client_source")
            for source in (sources if isinstance(sources, list) else [sources] if sources is not None else [])
        ),
        client_id_host=_host(members.get("client_id_host"), "client_id_host"),
        signal=_choice(members["signal"], Signal, "signal") if members.get("signal") is not None else None,
        min_risk=_optional_risk(members.get("min_risk"), "min_risk"),
        max_risk=_optional_risk(members.get("max_risk"), "max_risk"),
        note=_text(members.get("note"), "note"),
        expires_at=_instant(members.get("expires"), "expires"),
    )


def _mapping(value: JsonValue, known: AbstractSet[str], where: str = "") -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise InvalidPolicy(f"{where or 'a rule'} must be a mapping of keys to values")
    for name in value:
        if name not in known:
            raise InvalidPolicy(f"{where}: {name} is not known" if where else f"{name} is not known")
    return value


def _text(value: JsonValue, where: str) -> str | None:
    if value is not None and not (isinstance(value, str) and value.isprintable()):
        raise InvalidPolicy(f"{where} must be one line of printable text")
    return value


def _host(value: JsonValue, where: str) -> str | None:
    text = _text(value, where)
    return None if text is None else text.lower()


def _flag(value: JsonValue, where: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise InvalidPolicy(f"{where} must be true or false")
    return value


def _choice(value: JsonValue, choices: type[Choice], where: str) -> Choice:
    try:
        return choices(str(value))
    except ValueError:
        known = ", ".join(choice.value for choice in choices)
        raise InvalidPolicy(f"{where} must be one of {known}") from None


def _risk(value: JsonValue, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not LOWEST_RISK <= value <= HIGHEST_RISK:
        raise InvalidPolicy(f"{where} must be a whole number from {LOWEST_RISK} to {HIGHEST_RISK}")
    return value


def _optional_risk(value: JsonValue, where: str) -> int | None:
    return None if value is None else _risk(value, where)


def _duration(value: JsonValue, default: int) -> int:
    if value is None:
        return default
    try:
        return parse_duration(str(value))
    except ValueError as error:
        raise InvalidPolicy(f"remember_confirmations: {error}") from None


def _instant(value: JsonValue, where: str) -> Instant | None:
    text = _text(value, where)
    try:
        return None if text is None else parse_instant(text)
    except ValueError:
        raise InvalidPolicy(f"{where} must be an ISO date or time") from None
