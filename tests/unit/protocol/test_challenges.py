"""How a bearer token is presented, and how it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.challenges import bearer_challenge, bearer_token
from server.protocol.errors import InvalidRequest


@pytest.mark.rfc("6750", "2.1")
@pytest.mark.parametrize("field", ["Bearer a-._~+/9==", "bearer a-._~+/9==", " BEARER   a-._~+/9== "])
def test_the_scheme_has_no_case(field: str) -> None:
    assert bearer_token([field], b"") == "a-._~+/9=="


@pytest.mark.parametrize("fields", [[], ["Basic YTpi"], ["DPoP a"], ["Bearerx a"], [""]], ids=str)
def test_no_bearer_token_is_none(fields: list[str]) -> None:
    assert bearer_token(fields, b"q=access_token") is None


@pytest.mark.rfc("6750", "3.1")
@pytest.mark.parametrize(
    ("fields", "query"),
    [
        (["Bearer a", "Bearer b"], b""),
        (["Bearer a", "Basic b"], b""),
        (["Bearer a, Bearer b"], b""),
        (["Bearer"], b""),
        (["Bearer a b"], b""),
        (["Bearer a=b"], b""),
        (["Bearer é"], b""),
        ([], b"access_token=a"),
        ([], b"x&access_token"),
        ([], b"%61ccess_token=a"),
        (["Bearer a"], b"x=\xff&access_token=a"),
    ],
    ids=str,
)
def test_a_token_presented_wrongly_is_a_malformed_request(fields: list[str], query: bytes) -> None:
    with pytest.raises(InvalidRequest):
        bearer_token(fields, query)


@given(st.lists(st.text(max_size=30), max_size=2), st.binary(max_size=60))
def test_no_request_does_worse_than_be_malformed(fields: list[str], query: bytes) -> None:
    try:
        token = bearer_token(fields, query)
    except InvalidRequest:
        return
    assert token is None or " " not in token


@pytest.mark.rfc("6750", "3")
@pytest.mark.rfc("9728", "5.1")
def test_a_challenge_says_what_it_was_given() -> None:
    assert bearer_challenge() == "Bearer"
    assert (
        bearer_challenge(
            error="insufficient_scope", description="More.", scope=("a", "b"), resource_metadata="https://h/x"
        )
        == 'Bearer error="insufficient_scope", error_description="More.", scope="a b", resource_metadata="https://h/x"'
    )


@given(st.text(max_size=50))
def test_no_description_breaks_out_of_its_quotes(text: str) -> None:
    challenge = bearer_challenge(description=text)
    inside = challenge.removeprefix('Bearer error_description="').removesuffix('"')
    assert challenge.isprintable()
    assert challenge.isascii()
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")
