"""Request parameters, read in one way only."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.errors import InvalidRequest
from server.protocol.parameters import Parameters, parse_form, parse_query
from tests.unit.protocol.refusals import refused

SLOW = 2  # seconds of processor time; quadratic work takes minutes at these sizes
FORM = "application/x-www-form-urlencoded"
CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))}
texts = st.text(st.characters(codec="utf-8", exclude_characters=CONTROLS))


@given(st.dictionaries(texts, texts, max_size=20))
def test_what_any_client_encodes_is_read_back(sent: dict[str, str]) -> None:
    read = parse_query(urlencode(sent).encode("ascii"))
    assert {name: read.get(name) for name in sent} == {name: value or None for name, value in sent.items()}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    try:
        parse_query(query)
    except InvalidRequest:
        return


@pytest.mark.rfc("6749", "3.1")
def test_a_parameter_without_value_counts_as_absent() -> None:
    parameters = parse_query(b"scope=&state")
    assert parameters.get("scope") is None
    assert parameters.get("state") is None
    assert parameters.get("nonce") is None
    assert parameters.get_all("scope") == ()


def test_a_required_parameter_is_given_or_named_in_the_refusal() -> None:
    parameters = parse_query(b"grant_type=refresh_token&code=")
    assert parameters.require("grant_type") == "refresh_token"
    with refused(InvalidRequest, "code is missing"):
        parameters.require("code")


@pytest.mark.rfc("6749", "3.1")
@pytest.mark.parametrize("query", [b"state=a&state=b", b"state=a&state=a", b"state=&state=a", b"unknown=1&unknown=2"])
def test_a_repeated_parameter_is_refused(query: bytes) -> None:
    with refused(InvalidRequest, "a parameter is repeated"):
        parse_query(query)


@pytest.mark.rfc("8707", "2")
def test_only_resource_may_be_repeated() -> None:
    parameters = parse_query(b"resource=https%3A%2F%2Fa&resource=&resource=https%3A%2F%2Fb")
    assert parameters.get_all("resource") == ("https://a", "https://b")
    with refused(InvalidRequest, "several values of resource where one is meant"):
        parameters.get("resource")


def test_one_resource_is_a_value_like_any_other() -> None:
    assert parse_query(b"resource=https%3A%2F%2Fa").get("resource") == "https://a"


@pytest.mark.rfc("6749", "B")
def test_values_are_decoded_as_forms_are() -> None:
    parameters = parse_query("a=1+2%2B3&b%20c=Zo%C3%AB&&d=x=y&e=ö".encode())
    assert [parameters.get(name) for name in ("a", "b c", "d", "e")] == ["1 2+3", "Zoë", "x=y", "ö"]


@pytest.mark.parametrize("query", [b"a=%", b"a=%2", b"a=%2g", b"a=%g2", b"%=a", b"a=%%20"])
def test_broken_percent_encoding_is_refused(query: bytes) -> None:
    with refused(InvalidRequest, "percent sign without two hexadecimal digits"):
        parse_query(query)


@pytest.mark.parametrize("query", [b"a=%ff", b"%C3=1", b"a=%C0%80", b"a=%ED%A0%80", b"a=\xff"])
def test_what_is_not_utf8_is_refused(query: bytes) -> None:
    with refused(InvalidRequest, "a parameter is not UTF-8"):
        parse_query(query)


@pytest.mark.parametrize(
    "query", [b"a=%00", b"a%00=1", b"a=x%0d%0aSet-Cookie", b"a=%09", b"a=%7f", b"a=%C2%85", b"a=\n"]
)
def test_control_characters_are_refused(query: bytes) -> None:
    with refused(InvalidRequest, "control character in a parameter"):
        parse_query(query)


@pytest.mark.rfc("OIDC Core", "5.5")
def test_a_claims_document_may_span_lines_but_hold_no_other_control() -> None:
    assert parse_query(b"claims=%7B%0D%0A%09%7D").get("claims") == "{\r\n\t}"
    with refused(InvalidRequest, "control character in a parameter"):
        parse_query(b"claims=%7B%00%7D")
    with refused(InvalidRequest, "control character in a parameter"):
        parse_query(b"claims%0A=1")


def test_a_hundred_parameters_are_enough() -> None:
    query = b"&".join(b"p%d=1" % number for number in range(101))
    assert parse_query(query.rpartition(b"&")[0]).get("p99") == "1"
    with refused(InvalidRequest, "more parameters than any request has"):
        parse_query(query)


def test_a_flood_of_parameters_costs_next_to_nothing() -> None:
    started = time.process_time()
    with pytest.raises(InvalidRequest):
        parse_query(b"a=1&" * 250_000)
    assert time.process_time() - started < SLOW


@pytest.mark.parametrize(
    "content_type", [FORM, "application/x-www-form-urlencoded; charset=UTF-8", " Application/X-WWW-Form-Urlencoded ;x"]
)
def test_a_form_is_known_by_its_media_type(content_type: str) -> None:
    assert parse_form(b"a=1", content_type).get("a") == "1"


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_another_body_is_refused(content_type: str | None) -> None:
    with refused(InvalidRequest, "the body is not a URL-encoded form"):
        parse_form(b"a=1", content_type)


def test_an_empty_body_needs_no_media_type() -> None:
    assert parse_form(b"", None).get("a") is None


def test_values_stay_out_of_logs() -> None:
    assert repr(Parameters({"client_secret": ("s3cret",)})) == "Parameters()"
