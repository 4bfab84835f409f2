"""YAML with places: every value knows its file, line and key, and is asked for the type that it should have.

YAML 1.1 reads `off` as a boolean and `1:30` as a number; a text is therefore taken as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import yaml

from server.kernel.clock import parse_duration

from .records import ManifestError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from enum import StrEnum

    from server.kernel.clock import Duration
    from server.kernel.json import JsonValue

Choice = TypeVar("Choice", bound="StrEnum")

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_TRUE = frozenset({"true", "yes", "on", "y"})
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Member:
    """One value and where it stands."""

    place: Place
    node: yaml.Node

    @property
    def is_null(self) -> bool:
        """Whether nothing is written, or null."""
        return self.node.tag == _NULL

    def text(self) -> str:
        """A text in one line, as it is written."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null:
            raise ManifestError(self.place, "must be a text")
        value: str = self.node.value
        if not value.isprintable():
            raise ManifestError(self.place, "must be one line of printable text")
        return value

    def optional_text(self) -> str | None:
        """A text, or null."""
        return None if self.is_null else self.text()

    def flag(self) -> bool:
        """True or false."""
        if self.node.tag != _BOOL:
            raise ManifestError(self.place, "must be true or false")
        return str(self.node.value).lower() in _TRUE

    def integer(self) -> int:
        """A whole number in decimal digits."""
        if self.node.tag != _INT or not str(self.node.value).isdecimal():
            raise ManifestError(self.place, "must be a whole number")
        return int(self.node.value)

    def duration(self) -> Duration:
        """A duration such as 90s, 10m, 8h or 30d, in microseconds."""
        try:
            return parse_duration(self.text())
        except ValueError:
            raise ManifestError(self.place, "must be a duration such as 90s, 10m, 8h or 30d") from None

    def choice(self, choices: type[Choice]) -> Choice:
        """One of a few words."""
        try:
            return choices(self.text())
        except ValueError:
            known = ", ".join(choice.value for choice in choices)
            raise ManifestError(self.place, f"must be one of {known}") from None

    def items(self) -> tuple[Member, ...]:
        """The items of a list; null is the empty one."""
        if self.is_null:
            return ()
        if not isinstance(self.node, yaml.SequenceNode):
            raise ManifestError(self.place, "must be a list")
        return tuple(Member(_at(self.place, item, self.place.key), item) for item in self.node.value)

    def texts(self) -> tuple[str, ...]:
        """A list of texts, each once."""
        texts = tuple(item.text() for item in self.items())
        if len(set(texts)) != len(texts):
            raise ManifestError(self.place, "has an item twice")
        return texts

    def section(self, known: AbstractSet[str]) -> Section:
        """A mapping with these keys and no others."""
        section = Section(self.place, dict(self._pairs()))
        for name, member in section.members.items():
            if name not in known:
                raise ManifestError(member.place, "unknown key")
        return section

    def entries(self) -> dict[str, Member]:
        """A mapping whose keys are the writer's own."""
        return dict(self._pairs())

    def plain(self, depth: int = 0) -> JsonValue:
        """The value as JSON has it."""
        if depth > _DEEPEST:
            raise ManifestError(self.place, "is nested too deeply")
        if isinstance(self.node, yaml.MappingNode):
            return {name: member.plain(depth + 1) for name, member in self._pairs()}
        if isinstance(self.node, yaml.SequenceNode):
            return [item.plain(depth + 1) for item in self.items()]
        if self.is_null:
            return None
        if self.node.tag == _BOOL:
            return self.flag()
        return self.integer() if self.node.tag == _INT else self.text()

    def _pairs(self) -> Iterator[tuple[str, Member]]:
        if not isinstance(self.node, yaml.MappingNode):
            raise ManifestError(self.place, "must be a mapping of keys to values")
        seen: set[str] = set()
        for key, value in self.node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or not name.isprintable():
                raise ManifestError(_at(self.place, key, self.place.key), "has a key that is no text")
            place = _at(self.place, key, name)
            if name in seen:
                raise ManifestError(place, "is there twice")
            seen.add(name)
            yield name, Member(place, value)


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping whose keys were checked."""

    place: Place
    members: dict[str, Member]

    def get(self, name: str) -> Member | None:
        """The member of this name, if it is written."""
        return self.members.get(name)

    def require(self, name: str) -> Member:
        """The member of this name; raises ManifestError where it is missing."""
        member = self.members.get(name)
        if member is None:
            raise ManifestError(self.place, f"{name} is missing")
        return member


def read_documents(text: str, file: str) -> Iterator[Member]:
    """Every YAML document of a file; raises ManifestError for what is no YAML."""
    try:
        for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
            if node.tag != _NULL:
                yield Member(Place(file, node.start_mark.line + 1, "manifest"), node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ManifestError(Place(file, line, "manifest"), f"is no YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise ManifestError(Place(file, 1, "manifest"), "has characters that YAML does not allow") from None


def _at(outer: Place, node: yaml.Node, key: str) -> Place:
    return Place(outer.file, node.start_mark.line + 1, key)
