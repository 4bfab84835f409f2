"""JSON from outside, held to one reading."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.errors import InvalidRequest
from server.protocol.json_documents import JsonValue, parse_object
from tests.unit.protocol.refusals import refused

texts = st.text(st.characters(codec="utf-8"), max_size=10)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)

SLOW = 2  # seconds of processor time; quadratic work takes minutes at these sizes
NOT_JSON = "not a JSON text in UTF-8"
TOO_DEEP = "the JSON document is nested too deeply"
TOO_LARGE = "an integer in the JSON document does not fit 64 bits"


@given(st.dictionaries(texts, values, max_size=5), st.booleans())
def test_what_anybody_writes_is_read_back(document: dict[str, JsonValue], ascii_only: bool) -> None:
    assert parse_object(json.dumps(document, ensure_ascii=ascii_only).encode(), max_depth=100) == document


@given(st.binary(max_size=100) | st.text('{}[]",:\\u0dD89 eE+-.NaIf', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        document = parse_object(body)
    except InvalidRequest:
        return
    assert json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.rfc("8259", "2")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 01}',
        b'{"a": "\n"}',
        b'{"a": "\\x"}',
        b"\xef\xbb\xbf{}",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"\\udC00": 1}',
        b'{"a": "\\uD83D"}',
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_text_is_refused(body: bytes) -> None:
    with refused(InvalidRequest, NOT_JSON):
        parse_object(body)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_object(b'{"a": "\\ud83d\\ude00", "b": "\\\\ud800"}') == {"a": "😀", "b": "\\ud800"}


@pytest.mark.parametrize("body", [b"[]", b'"{}"', b"1", b"null", b"true"])
def test_the_document_has_to_be_an_object(body: bytes) -> None:
    with refused(InvalidRequest, "the JSON document is not an object"):
        parse_object(body)


@pytest.mark.rfc("7493", "2.3")
@pytest.mark.parametrize("body", [b'{"a": 1, "a": 1}', b'{"a": {"b": 1, "\\u0062": 2}}', b'{"x": [{"a": 1, "a": 2}]}'])
def test_a_repeated_name_is_refused(body: bytes) -> None:
    with refused(InvalidRequest, "a name is repeated in a JSON object"):
        parse_object(body)


@pytest.mark.rfc("8259", "6")
@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_nan_and_infinity_are_refused(number: bytes) -> None:
    with refused(InvalidRequest, "NaN or Infinity in the JSON document"):
        parse_object(b'{"a": [%s]}' % number)


@pytest.mark.rfc("7493", "2.2")
def test_integers_fit_sixty_four_bits() -> None:
    largest = 2**63 - 1
    assert parse_object(b'{"a": [%d, %d, -0]}' % (largest, -largest)) == {"a": [largest, -largest, 0]}
    for number in (largest + 1, -largest - 1, 10**19, 10**5000):
        with refused(InvalidRequest, TOO_LARGE):
            parse_object(b'{"a": %s}' % (b"%d" % number if number < 10**20 else b"1" + b"0" * 5000))


@pytest.mark.rfc("7493", "2.2")
@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1.0e999999"])
def test_fractions_are_finite(number: bytes) -> None:
    assert parse_object(b'{"a": 1.5e300}') == {"a": 1.5e300}
    with refused(InvalidRequest, "a number in the JSON document is out of range"):
        parse_object(b'{"a": %s}' % number)


def nested(depth: int) -> bytes:
    """An object with so many levels, itself included."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_sixteen_levels_are_enough() -> None:
    parse_object(nested(16))
    with refused(InvalidRequest, TOO_DEEP):
        parse_object(nested(17))


def test_the_depth_allowed_is_the_callers() -> None:
    parse_object(b'{"a": [1], "b": [2], "c": {}}', max_depth=2)
    with refused(InvalidRequest, TOO_DEEP):
        parse_object(b'{"a": [[1]]}', max_depth=2)
    with refused(InvalidRequest, TOO_DEEP):
        parse_object(b'{"a": {"b": {}}}', max_depth=2)


def test_levels_that_were_left_do_not_count() -> None:
    parse_object(b'{"a": [[1], [[1], [1]]]}', max_depth=4)
    parse_object(b'{"a": [{}, {}, {}]}', max_depth=3)
    with refused(InvalidRequest, TOO_DEEP):
        parse_object(b'{"a": [[1], [[1]]]}', max_depth=3)


def test_brackets_in_a_text_are_no_levels() -> None:
    text = "[[{{" * 10 + '\\"' + "]]"
    assert parse_object(json.dumps({"a": text}).encode(), max_depth=1) == {"a": text}
    assert parse_object(b'{"\\"[[": "[\\\\", "b": "[" }', max_depth=1) == {'"[[': "[\\", "b": "["}


@pytest.mark.parametrize(
    "body",
    [b"[" * 500_000, b'{"a":' * 200_000, b'"' + b'\\"' * 400_000, b'{"a":"' + b"\\" * 500_000, b'"' * 500_000],
)
def test_a_hostile_document_costs_no_more_than_its_length(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(InvalidRequest):
        parse_object(body)
    assert time.process_time() - started < SLOW
