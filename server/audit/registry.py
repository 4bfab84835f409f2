"""What an event type is: a frozen dataclass under a name `noun.past_participle`."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from .records import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAME = re.compile(r"[a-z_]+\.[a-z_]+", re.ASCII)


class Event(Protocol):
    """Any frozen dataclass that `event` registered."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[object]]]


@dataclass(frozen=True, slots=True)
class EventType:
    """A registered type of event."""

    name: str
    outcome: Outcome


_types: dict[type, EventType] = {}
_Class = TypeVar("_Class", bound=type)


def event(name: str, *, outcome: Outcome = Outcome.SUCCESS) -> Callable[[_Class], _Class]:
    """Register a frozen dataclass as an event type; stands above `@dataclass(frozen=True, slots=True)`.

    The fields `subject_id` (the person concerned), `client_pk` and `grant_id` become columns; the others, which
    must be text, numbers, booleans, UUIDs or tuples of text, become its details.
    """
    if not _NAME.fullmatch(name) or any(known.name == name for known in _types.values()):
        raise ValueError(f"not a new name of the form noun.past_participle: {name}")

    def register(cls: _Class) -> _Class:
        _types[cls] = EventType(name, outcome)
        return cls

    return register


def event_types() -> Mapping[type, EventType]:
    """Every registered type, for the reference."""
    return MappingProxyType(_types)


def outcome_of(name: str) -> Outcome | None:
    """How every event of this name goes; None for a name that is not registered."""
    return next((known.outcome for known in _types.values() if known.name == name), None)


def names_in(wanted: str, outcome: Outcome | None = None) -> tuple[str, ...]:
    """The names of a group, `login.*`, or the name itself; without those that have another outcome."""
    names = [known.name for known in _types.values() if known.name.startswith(wanted[:-1])]
    members = names if wanted.endswith(".*") else [wanted]
    return tuple(sorted(name for name in members if outcome in {None, outcome_of(name) or outcome}))


def type_of(happened: Event) -> EventType:
    """The registered type of an event; raises LookupError for anything else."""
    return _types[type(happened)]
