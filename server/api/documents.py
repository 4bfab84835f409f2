"""Documents of the API: frozen dataclasses whose annotations say how they look in JSON, and so in OpenAPI."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, is_dataclass
from enum import Enum, StrEnum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Final, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from .shapes import Choice, Fault, Flag, Identifier, Length, Moment, Shape, Text, Unreadable, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.kernel.json import JsonValue

    from .shapes import Schema

T = TypeVar("T")
_Class = TypeVar("_Class", bound=type)


class Absent(Enum):
    """A member that a change does not mention: it stays as it is."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

Time = Annotated[int, Moment()]
Duration = Annotated[int, Length()]
Name = Annotated[str, Text(1, 200)]

_SIMPLE: dict[object, Shape] = {bool: Flag(), int: Whole(), str: Text(), UUID: Identifier()}
_documents: dict[str, type] = {}


def document(cls: _Class) -> _Class:
    """Make a class a document; stands above `@dataclass(frozen=True, slots=True)`."""
    _documents[cls.__name__] = cls
    return cls


def documents() -> dict[str, type]:
    """Every document by name."""
    return dict(sorted(_documents.items()))


@dataclass(frozen=True, slots=True)
class Nullable:
    """A value or null."""

    inner: Shape

    def read(self, value: JsonValue, at: str) -> object:
        """See Shape."""
        return None if value is None else self.inner.read(value, at)

    def read_text(self, text: str, at: str) -> object:
        """See Shape."""
        return self.inner.read_text(text, at)

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return None if value is None else self.inner.write(value)

    def schema(self) -> Schema:
        """See Shape."""
        return {"anyOf": [self.inner.schema(), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    inner: Shape
    most: int = 200

    def read(self, value: JsonValue, at: str) -> object:
        """See Shape."""
        if not isinstance(value, list) or len(value) > self.most:
            raise Unreadable(Fault(at, f"must be a list of at most {self.most} items"))
        return tuple(self.inner.read(item, f"{at}/{number}") for number, item in enumerate(value))

    def read_text(self, text: str, at: str) -> object:
        """See Shape."""
        return tuple(self.inner.read_text(item, at) for item in text.split())

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return [self.inner.write(item) for item in value] if isinstance(value, tuple) else []

    def schema(self) -> Schema:
        """See Shape."""
        return {"type": "array", "items": self.inner.schema(), "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Named:
    """An object whose names are anybody's: a mapping of texts to values of one shape."""

    inner: Shape | None  # None: whatever JSON can say

    def read(self, value: JsonValue, at: str) -> object:
        """See Shape."""
        if not isinstance(value, dict):
            raise Unreadable(Fault(at, "must be an object"))
        name = Text(1, 200)
        return {
            name.read(key, at): self.inner.read(item, f"{at}/{_escaped(key)}") if self.inner else item
            for key, item in value.items()
        }

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        if not isinstance(value, AbstractMapping):
            return {}
        return {str(key): self.inner.write(item) if self.inner else item for key, item in value.items()}

    def schema(self) -> Schema:
        """See Shape."""
        return {
            "type": "object",
            "propertyNames": Text(1, 200).schema(),
            "additionalProperties": self.inner.schema() if self.inner else True,
        }


@dataclass(frozen=True, slots=True)
class Members:
    """A document: an object of these members and no others."""

    kind: type

    def read(self, value: JsonValue, at: str) -> object:
        """See Shape. Every fault is told, not only the first."""
        if not isinstance(value, dict):
            raise Unreadable(Fault(at, "must be an object"))
        shapes = members_of(self.kind)
        faults = [Fault(f"{at}/{_escaped(name)}", "is not known here") for name in value if name not in shapes]
        given: dict[str, object] = {}
        for name, shape in shapes.items():
            if name in value:
                try:
                    given[name] = shape.read(value[name], f"{at}/{name}")
                except Unreadable as error:
                    faults.extend(error.faults)
            elif name in required_of(self.kind):
                faults.append(Fault(f"{at}/{name}", "is required"))
        if faults:
            raise Unreadable(*faults)
        return self.kind(**given)

    read_text = read

    def write(self, value: object) -> JsonValue:
        """See Shape."""
        return {name: shape.write(getattr(value, name)) for name, shape in members_of(self.kind).items()}

    def schema(self) -> Schema:
        """See Shape."""
        return {"$ref": f"#/components/schemas/{self.kind.__name__}"}


@cache
def members_of(kind: type) -> dict[str, Shape]:
    """The members of a document with their shapes."""
    return {name: shape_of(hint) for name, hint in get_type_hints(kind, include_extras=True).items()}


@cache
def required_of(kind: type) -> frozenset[str]:
    """The members that a document cannot be without."""
    bare = (field for field in _fields(kind) if field.default is field.default_factory)  # both are MISSING
    return frozenset(field.name for field in bare)


def schema_of(kind: type) -> Schema:
    """The JSON Schema of a document itself, where others refer to it."""
    properties = {name: shape.schema() for name, shape in members_of(kind).items()}
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required_of(kind):
        schema["required"] = sorted(required_of(kind))
    return schema | {"description": (kind.__doc__ or "").strip().partition("\n")[0]}


def shape_of(annotation: object) -> Shape:
    """The shape that an annotation stands for; raises TypeError."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        shape: Shape = next(found for found in arguments[1:] if hasattr(found, "schema"))
        return shape
    if origin in {Union, UnionType}:
        return _of_union([argument for argument in arguments if argument is not Absent])
    if origin is tuple:
        return Items(shape_of(arguments[0]))
    if origin is AbstractMapping:
        return Named(None if arguments[1] is object else shape_of(arguments[1]))
    return _of_class(annotation)


def _of_union(arguments: list[object]) -> Shape:
    inner = [argument for argument in arguments if argument is not type(None)]
    if len(inner) != 1:
        raise TypeError("a member has one type, and may be null")
    return Nullable(shape_of(inner[0])) if len(inner) < len(arguments) else shape_of(inner[0])


def _of_class(kind: object) -> Shape:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Choice(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return Members(kind)
    raise TypeError(f"no JSON stands for {kind}")


def write(value: object) -> JsonValue:
    """A document as JSON."""
    return Members(type(value)).write(value)


def fill(kind: type[T], record: object, /, **others: object) -> T:
    """A document with the values of the record's fields of the same names, and some others."""
    names = [field.name for field in _fields(kind)]
    return kind(**{name: others[name] if name in others else getattr(record, name) for name in names})


def given(body: object) -> dict[str, object]:
    """The members that a change mentions."""
    values = {field.name: getattr(body, field.name) for field in _fields(type(body))}
    return {name: value for name, value in values.items() if value is not ABSENT}


def _fields(kind: type) -> Iterator[dataclasses.Field[object]]:
    yield from dataclasses.fields(kind)


def _escaped(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1")
