"""Reading single members of client metadata: the right type, of a sane size, or InvalidClientMetadata.

RFC 7591 §2. A member that is null or empty counts as absent (RFC 7592 §2.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .characters import has_control_characters, reorders_text
from .errors import InvalidClientMetadata, InvalidScope
from .scopes import parse_scope
from .uris import is_web_uri

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum
    from typing import TypeVar

    Word = TypeVar("Word", bound=StrEnum)

MAX_TEXT = 200
MAX_LINK = 2000
MAX_ITEMS = 50


@dataclass(frozen=True, slots=True)
class Members:
    """A document from outside; members that nobody asks for are ignored."""

    document: Mapping[str, object] = field(repr=False)

    def text(self, name: str, max_length: int = MAX_TEXT) -> str | None:
        """A text for people or for comparison."""
        value = self.document.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _is_plain(value, max_length):
            raise InvalidClientMetadata(f"{name} is no text, too long, or has characters that hide something")
        return value.strip() or None

    def texts(self, name: str, max_length: int = MAX_LINK) -> tuple[str, ...] | None:
        """An array of texts, each once."""
        value = self.document.get(name)
        if value is None or value == []:
            return None
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise InvalidClientMetadata(f"{name} is no array, or has too many items")
        texts = tuple(dict.fromkeys(item for item in value if isinstance(item, str) and _is_plain(item, max_length)))
        if not all(item in texts for item in value):
            raise InvalidClientMetadata(f"{name} has an item that is no plain text")
        return texts

    def link(self, name: str) -> str | None:
        """The address of a web page or an image."""
        text = self.text(name, MAX_LINK)
        if text is not None and not is_web_uri(text):
            raise InvalidClientMetadata(f"{name} is not an http or https URI")
        return text

    def word(self, name: str, vocabulary: type[Word]) -> Word | None:
        """A word of a vocabulary; one that is not supported is refused, for replacing it would surprise the client."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return vocabulary(text)
        except ValueError as error:
            raise InvalidClientMetadata(f"{name} is not supported") from error

    def words(self, name: str, vocabulary: type[Word]) -> tuple[Word, ...] | None:
        """The supported words of an array; clients list what they could do, wherever they register."""
        texts = self.texts(name)
        supported = frozenset(vocabulary)
        return None if texts is None else tuple(vocabulary(text) for text in texts if text in supported)

    def scope(self, name: str) -> tuple[str, ...]:
        """A scope parameter; absent is empty."""
        try:
            return parse_scope(self.text(name, MAX_LINK))
        except InvalidScope as error:
            raise InvalidClientMetadata(f"{name} is malformed") from error

    def flag(self, name: str) -> bool:
        """A boolean; absent is false."""
        value = self.document.get(name)
        if value is not None and not isinstance(value, bool):
            raise InvalidClientMetadata(f"{name} is no boolean")
        return bool(value)

    def seconds(self, name: str) -> int | None:
        """A duration in whole seconds."""
        value = self.document.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InvalidClientMetadata(f"{name} is no number of seconds")
        return value


def _is_plain(text: str, max_length: int) -> bool:
    return len(text) <= max_length and not has_control_characters(text) and not reorders_text(text)
