"""Reading back what was written as JSON before: types are made certain, contents were checked when they came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .json_documents import JsonValue


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A JSON object of our own; every reader raises TypeError when the member is not what was written."""

    document: JsonValue = field(repr=False)

    def value(self, name: str) -> JsonValue:
        """The member as it is; None when there is none."""
        if not isinstance(self.document, dict):
            raise TypeError("the stored document is not an object")
        return self.document.get(name)

    def text(self, name: str) -> str:
        """A member that is always there."""
        text = self.optional_text(name)
        if text is None:
            raise TypeError(f"{name} is missing in a stored document")
        return text

    def optional_text(self, name: str) -> str | None:
        """A text, or None."""
        value = self.value(name)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} is not a text in a stored document")
        return value

    def optional_integer(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self.value(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise TypeError(f"{name} is not an integer in a stored document")
        return value

    def flag(self, name: str) -> bool:
        """A boolean; absent is false."""
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            raise TypeError(f"{name} is not a boolean in a stored document")
        return bool(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of texts; absent is empty."""
        value = self.value(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise TypeError(f"{name} is not an array in a stored document")
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) != len(value):
            raise TypeError(f"{name} has something other than texts in a stored document")
        return texts
