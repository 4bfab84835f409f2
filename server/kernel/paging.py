"""Pages of long lists by keyset: a page begins after the last row of the one before, however far in it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from .digests import b64url, from_b64url
from .json import dump_json, load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

KeyValue = str | int | UUID

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_LONGEST_CURSOR = 2000
_LARGEST = 2**63 - 1


class BadCursor(ValueError):
    """A cursor that no page of this list came with."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for: so many items after a cursor, or from the start."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Some items of a list; `next_cursor` leads on and is absent at the end."""

    items: tuple[T_co, ...]
    next_cursor: str | None = None


def encode_cursor(values: Iterable[KeyValue]) -> str:
    """An opaque text for the sort key of a row."""
    return b64url(dump_json([str(value) if isinstance(value, UUID) else value for value in values]).encode())


def decode_cursor(text: str, kinds: Sequence[type[KeyValue]]) -> tuple[KeyValue, ...]:
    """The sort key again; raises BadCursor unless it has a value of each kind, all of which a database can hold."""
    raw = from_b64url(text) if len(text) <= _LONGEST_CURSOR else None
    try:
        values = load_json(raw or b"")
    except ValueError:
        raise BadCursor("not a cursor") from None
    if not isinstance(values, list) or len(values) != len(kinds):
        raise BadCursor("a cursor of another list")
    return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))


def decode_id(cursor: str | None) -> UUID | None:
    """The id of the row that a page comes after, None for the first page; raises BadCursor."""
    return None if cursor is None else UUID(str(decode_cursor(cursor, (UUID,))[0]))


def page_of(items: Iterable[T], key: Callable[[T], str], paging: Paging) -> Page[T]:
    """A page of a list that is short enough to be read as a whole, in the order of its keys."""
    ordered = sorted(items, key=key)
    if paging.cursor is not None:
        (after,) = decode_cursor(paging.cursor, (str,))
        ordered = [item for item in ordered if key(item) > str(after)]
    shown = tuple(ordered[: paging.limit])
    return Page(shown, encode_cursor((key(shown[-1]),)) if len(ordered) > len(shown) else None)


def _value(value: object, kind: type[KeyValue]) -> KeyValue:
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    if kind is str and isinstance(value, str) and "\x00" not in value:
        return value
    if kind is UUID and isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            raise BadCursor("a cursor without a UUID") from None
    raise BadCursor("a cursor with values of another kind")
