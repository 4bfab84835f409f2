"""All that an evaluation needs to know, in one record that can be kept and evaluated again: replay does so."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .records import Judgement, Reputation, Source
from .targets import Target, TargetKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue

VERSION = 1


class UnknownFacts(ValueError):
    """Facts that were kept by another release, in a form that this one cannot read."""


@dataclass(frozen=True, slots=True)
class OriginFacts:
    """What became of people who were sent to an origin. Only those are counted who cannot be made up at will."""

    first_seen_at: Instant | None = None
    people: int = 0  # went there
    voices: int = 0  # went there, declined or reported
    declines: int = 0
    reports: int = 0


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """The verdict in force for the place: the one that comes first in the order of precedence."""

    judgement: Judgement
    of_client: bool  # of one client at one URI; else of a host
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Client, place and history, as they were at one moment."""

    at: Instant
    redirect_uri: str
    client_id: str
    source: Source  # that counts: of a promoted client, `admin`
    target: Target
    origin: OriginFacts = field(default_factory=OriginFacts)
    client_id_host: str | None = None
    differs_from_client: bool = False  # in the registrable domain
    loopback_only: bool = False
    verified_domain: bool = False
    lookalike_of: str | None = None
    metadata_changed: bool = False
    reputation: Reputation = Reputation.UNKNOWN
    verdict: VerdictFacts | None = None
    broken_rule: str | None = None  # a hard rule that the URI breaks, in words for the log

    def to_json(self) -> dict[str, JsonValue]:
        """The facts as they are kept; what has its default is left out."""
        kept: dict[str, JsonValue] = {"v": VERSION}
        kept.update(_written(self, _PLAIN))
        kept["source"] = self.source.value
        kept["target"] = {"kind": self.target.kind.value, **_written(self.target, _TARGET)}
        kept["origin"] = _written(self.origin, _ORIGIN)
        if self.reputation is not Reputation.UNKNOWN:
            kept["reputation"] = self.reputation.value
        if self.verdict is not None:
            kept["verdict"] = {
                "judgement": self.verdict.judgement.value,
                "of_client": self.verdict.of_client,
                "note": self.verdict.note,
            }
        return kept

    @classmethod
    def from_json(cls, kept: JsonValue) -> Facts:
        """Read what `to_json` wrote; raises UnknownFacts for a version that is not known here."""
        if not isinstance(kept, dict) or kept.get("v") != VERSION:
            raise UnknownFacts("facts of an unknown version")
        # Any: only this module writes what is read here, and the version says that it did.
        members: dict[str, Any] = {name: kept[name] for name in _PLAIN if name in kept}
        target: dict[str, Any] = dict(_mapping(kept["target"]))
        origin: dict[str, Any] = dict(_mapping(kept["origin"]))
        target["kind"] = TargetKind(target["kind"])
        verdict: dict[str, Any] = dict(_mapping(kept.get("verdict")))
        return cls(
            source=Source(str(kept["source"])),
            target=Target(**target),
            origin=OriginFacts(**origin),
            reputation=Reputation(str(kept.get("reputation", Reputation.UNKNOWN.value))),
            verdict=VerdictFacts(**{**verdict, "judgement": Judgement(verdict["judgement"])}) if verdict else None,
            **members,
        )


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _written(record: Facts | Target | OriginFacts, defaults: Mapping[str, object]) -> dict[str, JsonValue]:
    return {name: value for name, default in defaults.items() if (value := getattr(record, name)) != default}


def _defaults(kind: type[Facts | Target | OriginFacts], *names: str) -> dict[str, object]:
    """The members that are kept as they are, with what they are when they are left out."""
    return {member.name: member.default for member in fields(kind) if member.name in names or not names}


_PLAIN = _defaults(
    Facts, "at", "redirect_uri", "client_id", "client_id_host", "differs_from_client", "loopback_only",
    "verified_domain", "lookalike_of", "metadata_changed", "broken_rule",
)  # fmt: skip
_TARGET = {name: default for name, default in _defaults(Target).items() if name != "kind"}
_ORIGIN = _defaults(OriginFacts)
