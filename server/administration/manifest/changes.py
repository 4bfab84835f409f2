"""The difference between what is and what is wished for, thing by thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from server.administration.act import changed_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
T_co = TypeVar("T_co", bound="DataclassInstance", covariant=True)


# Fields that follow from others, and would tell nobody anything.
DERIVED = frozenset({"issuer", "metadata_digest"})


class Sign(StrEnum):
    """What happens to a thing, as a plan prints it."""

    CREATED = "+"
    CHANGED = "~"
    UNCHANGED = "="
    REMOVED = "-"


@dataclass(frozen=True, slots=True)
class Change(Generic[T_co]):
    """One thing before and after."""

    noun: str
    name: str
    before: T_co | None
    after: T_co | None

    @property
    def sign(self) -> Sign:
        """What happens to the thing."""
        if self.before is None:
            return Sign.CREATED
        if self.after is None:
            return Sign.REMOVED
        return Sign.UNCHANGED if self.before == self.after else Sign.CHANGED

    def __str__(self) -> str:
        line = f"{self.sign} {self.noun} {self.name}"
        if self.before is None or self.after is None or self.before == self.after:
            return line
        fields = [name for name in dict.fromkeys(changed_fields(self.before, self.after)) if name not in DERIVED]
        return f"{line} ({', '.join(fields)})" if fields else line


def difference(
    noun: str, existing: Mapping[str, T], wished: Mapping[str, T] | None, is_removable: Callable[[T], bool]
) -> tuple[Change[T], ...]:
    """Every wished thing, then those to be removed; nothing at all where nothing was said."""
    if wished is None:
        return ()
    kept = [Change(noun, name, existing.get(name), after) for name, after in wished.items()]
    gone = [
        Change(noun, name, before, None)
        for name, before in existing.items()
        if name not in wished and is_removable(before)
    ]
    return (*kept, *gone)


def names_after(existing: Mapping[str, T], changes: tuple[Change[T], ...]) -> frozenset[str]:
    """The names that there are once the changes were made."""
    gone = {change.name for change in changes if change.after is None}
    return frozenset(existing.keys() | {change.name for change in changes}) - gone
