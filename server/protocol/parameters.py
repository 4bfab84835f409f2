"""Request parameters, from a query or a form. RFC 6749 §3.1, §3.2 and Appendix B.

A request that two parsers could read differently is refused: repeated names, broken encoding, control characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from .characters import has_control_characters
from .errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PARAMETERS = 100

_FORM = "application/x-www-form-urlencoded"
_REPEATABLE = frozenset({"resource"})
_BROKEN_ENCODING = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# A JSON text may be laid out over several lines.
_JSON_VALUES = frozenset({"claims"})
_WITHOUT_LAYOUT = str.maketrans("", "", "\t\n\r")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request; a parameter without a value counts as absent."""

    _values: Mapping[str, tuple[str, ...]] = field(repr=False)

    def get(self, name: str) -> str | None:
        """The value, or None; raises InvalidRequest for several values."""
        values = self.get_all(name)
        if len(values) > 1:
            raise InvalidRequest(f"several values of {name} where one is meant")
        return values[0] if values else None

    def require(self, name: str) -> str:
        """The value; raises InvalidRequest when there is none."""
        value = self.get(name)
        if value is None:
            raise InvalidRequest(f"{name} is missing")
        return value

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value in the order sent; more than one only of `resource` (RFC 8707 §2)."""
        return self._values.get(name, ())


def parse_query(query: bytes) -> Parameters:
    """The parameters of a query component; raises InvalidRequest."""
    if query.count(b"&") >= MAX_PARAMETERS:
        raise InvalidRequest("more parameters than any request has")
    if _BROKEN_ENCODING.search(query):
        raise InvalidRequest("percent sign without two hexadecimal digits")
    values: dict[str, tuple[str, ...]] = {}
    for pair in query.split(b"&"):
        if pair:
            _add(values, pair)
    return Parameters(values)


def parse_form(body: bytes, content_type: str | None) -> Parameters:
    """The parameters of a form; an empty body needs no content type. Raises InvalidRequest."""
    if body and (content_type or "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest("the body is not a URL-encoded form")
    return parse_query(body)


def _add(values: dict[str, tuple[str, ...]], pair: bytes) -> None:
    encoded_name, _, encoded_value = pair.partition(b"=")
    name, value = _decode(encoded_name), _decode(encoded_value)
    text = value.translate(_WITHOUT_LAYOUT) if name in _JSON_VALUES else value
    if has_control_characters(name) or has_control_characters(text):
        raise InvalidRequest("control character in a parameter")
    if name in values and name not in _REPEATABLE:
        raise InvalidRequest("a parameter is repeated")
    earlier = values.get(name, ())
    values[name] = (*earlier, value) if value else earlier


def _decode(encoded: bytes) -> str:
    plain = encoded.replace(b"+", b" ")
    try:
        return (unquote_to_bytes(plain) if b"%" in plain else plain).decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("a parameter is not UTF-8") from error
