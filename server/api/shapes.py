"""How values look in JSON: read from outside with every fault named, written, and described in JSON Schema 2020-12.

A shape is made once from an annotation of a document. RFC 8259, RFC 6901 for the places of faults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from server.kernel.clock import LATEST, SECOND, format_duration, parse_duration

if TYPE_CHECKING:
    from enum import StrEnum

    from server.kernel.json import JsonValue

Schema = dict[str, object]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Neither databases nor pages can do anything with control characters.
_PLAIN = r"^[^\u0000-\u001f\u007f]*$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DURATION = r"^[0-9]{1,6}[smhd]$"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**53  # what every JSON parser holds


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, and where it stands (a JSON pointer)."""

    pointer: str
    detail: str


class Unreadable(Exception):
    """A document says what it must not; every fault that was found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = faults


class Shape(Protocol):
    """One kind of value."""

    def read(self, value: JsonValue, at: str) -> object:
        """The value that JSON stands for; raises Unreadable."""

    def read_text(self, text: str, at: str) -> object:
        """The same of a query parameter."""

    def write(self, value: object) -> JsonValue:
        """The inverse of `read`."""

    def schema(self) -> Schema:
        """What `read` takes and `write` gives."""


def _refuse(at: str, detail: str) -> Unreadable:
    return Unreadable(Fault(at, detail))


@dataclass(frozen=True, slots=True)
class Text:
    """A text without control characters."""

    least: int = 0
    most: int = 500
    example: str | None = None

    def read(self, value: JsonValue, at: str) -> str:
        """See Shape."""
        if not isinstance(value, str):
            raise _refuse(at, "must be a text")
        if not self.least <= len(value) <= self.most:
            raise _refuse(at, f"must have {self.least} to {self.most} characters")
        if _CONTROL.search(value):
            raise _refuse(at, "must have no control characters")
        return value

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return str(value)

    def schema(self) -> Schema:
        """See Shape."""
        found: Schema = {"type": "string", "minLength": self.least, "maxLength": self.most, "pattern": _PLAIN}
        return found | ({"examples": [self.example]} if self.example else {})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int = 0
    most: int = _LARGEST

    def read(self, value: JsonValue, at: str) -> int:
        """See Shape."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # 1.0 is an integer to JSON Schema
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise _refuse(at, f"must be a whole number from {self.least} to {self.most}")
        return value

    def read_text(self, text: str, at: str) -> int:
        """See Shape."""
        if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
            raise _refuse(at, f"must be a whole number from {self.least} to {self.most}")
        return self.read(int(text), at)

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return value if isinstance(value, int) else None

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: JsonValue, at: str) -> bool:
        """See Shape."""
        if not isinstance(value, bool):
            raise _refuse(at, "must be true or false")
        return value

    def read_text(self, text: str, at: str) -> bool:
        """See Shape."""
        if text not in {"true", "false"}:
            raise _refuse(at, "must be true or false")
        return text == "true"

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return bool(value)

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: type[StrEnum]

    def read(self, value: JsonValue, at: str) -> StrEnum:
        """See Shape."""
        if not isinstance(value, str) or value not in list(self.words):
            raise _refuse(at, "must be one of " + ", ".join(word.value for word in self.words))
        return self.words(value)

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return str(value)

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "string", "enum": [word.value for word in self.words]}


@dataclass(frozen=True, slots=True)
class Identifier:
    """A UUID in lower case."""

    def read(self, value: JsonValue, at: str) -> UUID:
        """See Shape."""
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise _refuse(at, "must be a UUID in lower case")
        return UUID(value)

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return str(value)

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "string", "format": "uuid", "pattern": f"^{_UUID.pattern}$"}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in RFC 3339, from 1970 to 9999."""

    def read(self, value: JsonValue, at: str) -> int:
        """See Shape."""
        try:
            moment = datetime.fromisoformat(value if isinstance(value, str) else "")
            instant = (moment - _BEGINNING) // timedelta(microseconds=1)
        except (ValueError, TypeError):  # TypeError: no offset, so that nobody knows when that is
            raise _refuse(at, "must be a time such as 2027-06-30T12:00:00Z") from None
        if instant < 0:
            raise _refuse(at, "must not be before 1970")
        if instant > LATEST:
            raise _refuse(at, "must not be after 9999")
        return instant

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        moment = datetime.fromtimestamp(int(str(value)) / SECOND, UTC)
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True)
class Length:
    """A duration such as 90s, 10m, 8h or 30d."""

    def read(self, value: JsonValue, at: str) -> int:
        """See Shape."""
        try:
            return parse_duration(value if isinstance(value, str) else "")
        except ValueError:
            raise _refuse(at, "must be a duration such as 90s, 10m, 8h or 30d") from None

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return format_duration(int(str(value)))

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "string", "pattern": _DURATION, "examples": ["10m"]}
