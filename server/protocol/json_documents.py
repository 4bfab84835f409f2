"""JSON from outside, held to one reading. RFC 8259, with the restrictions of RFC 7493 (I-JSON).

A document that two parsers could understand differently is refused: repeated names, numbers that not every parser can
hold, text that is not Unicode. Work and memory grow with the size of the document and nothing else.
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn, TypeAlias

from .errors import InvalidRequest

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_DEPTH = 16

_NESTING = re.compile(r'[\[{]|[\]}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_MAX_DIGITS = 19
_MAX_INTEGER = 2**63 - 1


def parse_object(body: bytes, *, max_depth: int = MAX_DEPTH) -> dict[str, JsonValue]:
    """The one object that the document is; raises InvalidRequest for any other document."""
    try:
        text = body.decode()
        _check_depth(text, max_depth)
        document = _DECODER.decode(text)
        if _SURROGATE.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except ValueError as error:
        raise InvalidRequest("not a JSON text in UTF-8") from error
    if not isinstance(document, dict):
        raise InvalidRequest("the JSON document is not an object")
    return document


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for token in _NESTING.finditer(text):
        if token[0] in {"[", "{"}:
            depth += 1
            if depth > max_depth:
                raise InvalidRequest("the JSON document is nested too deeply")
        elif token[0] in {"]", "}"}:
            depth -= 1


def _object(members: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    document = dict(members)
    if len(document) != len(members):
        raise InvalidRequest("a name is repeated in a JSON object")
    return document


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > _MAX_DIGITS or abs(number := int(digits)) > _MAX_INTEGER:
        raise InvalidRequest("an integer in the JSON document does not fit 64 bits")
    return number


def _fraction(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise InvalidRequest("a number in the JSON document is out of range")
    return number


def _constant(_: str) -> NoReturn:
    raise InvalidRequest("NaN or Infinity in the JSON document")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
