"""What the pure half of token verification lets through; tests/resource_server shows the same over HTTP."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from server.protocol.errors import InvalidToken
from server.protocol.jwt import AccessTokenClaims, check_claims, read_header, verification_keys, verify_access_token

KEY = ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)
KEYS = verification_keys({"keys": [KEY.as_dict(private=False)]})
ISSUER, AUDIENCE, NOW = "https://auth.test/t/acme", "https://notes.test/mcp", 1_000_000
CLAIMS: dict[str, object] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "ada",
    "client_id": "cli",
    "exp": NOW + 10,
    "iat": NOW,
    "jti": "1",
    "scope": "a b",
}


def sign(payload: str, **header: object) -> str:
    return jws.serialize_compact({"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, **header}, payload, KEY, ["ES256"])


def verify(token: str, now: float = NOW, leeway: float = 0, audience: str = AUDIENCE) -> AccessTokenClaims:
    return verify_access_token(token, KEYS, issuer=ISSUER, audience=audience, now_seconds=now, leeway_seconds=leeway)


@pytest.mark.rfc("9068", "4")
def test_a_good_token_gives_its_claims() -> None:
    assert verify(sign(json.dumps(CLAIMS))) == AccessTokenClaims(
        issuer=ISSUER,
        subject="ada",
        client_id="cli",
        audience=(AUDIENCE,),
        scope=("a", "b"),
        expires_at=NOW + 10,
        claims=CLAIMS,
    )


def test_a_token_ends_in_the_second_that_it_names() -> None:
    token = sign(json.dumps(CLAIMS))
    verify(token, NOW + 9.9)
    with pytest.raises(InvalidToken, match="expired"):
        verify(token, NOW + 10)
    verify(token, NOW + 11.9, leeway=2)
    with pytest.raises(InvalidToken, match="expired"):
        verify(token, NOW + 12, leeway=2)


def test_a_token_begins_in_the_second_that_it_names() -> None:
    token = sign(json.dumps({**CLAIMS, "nbf": NOW + 5}))
    with pytest.raises(InvalidToken, match="not in force"):
        verify(token, NOW + 4)
    verify(token, NOW + 5)
    verify(token, NOW + 3, leeway=2)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ("no json", "no JSON"),
        ("[" * 5000, "no JSON"),
        ("[1]", "no JSON object"),
        ('{"aud":"a","aud":"b"}', "no JSON"),
        ("{}", "missing"),
    ],
    ids=["text", "deep", "list", "twice", "empty"],
)
def test_a_signature_over_something_else_is_no_token(payload: str, why: str) -> None:
    with pytest.raises(InvalidToken, match=why):
        verify(sign(payload))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", True, None, [1]], ids=str)
def test_a_time_is_a_finite_number(name: str, value: object) -> None:
    with pytest.raises(InvalidToken, match="a time"):
        check_claims({**CLAIMS, name: value}, issuer=ISSUER, audience=AUDIENCE, now_seconds=NOW)
    with pytest.raises(InvalidToken):
        verify(sign(json.dumps({**CLAIMS, name: value})))


@pytest.mark.parametrize(
    ("named", "is_ours"),
    [
        ("https://api.test", True),
        ("https://api.test/", True),
        ("https://api.test//", False),
        ("https://api.test/x", False),
        ("https://API.test", True),
        ("https://api.test?", False),
    ],
)
def test_only_the_slash_of_the_root_and_the_case_of_the_host_are_forgiven(named: str, *, is_ours: bool) -> None:
    for ours in ("https://api.test", "https://api.test/"):
        token = sign(json.dumps({**CLAIMS, "aud": named}))
        if is_ours:
            verify(token, audience=ours)
        else:
            with pytest.raises(InvalidToken, match="audience"):
                verify(token, audience=ours)


def test_a_key_for_one_algorithm_verifies_no_other() -> None:
    keys = verification_keys({"keys": [{**KEY.as_dict(private=False), "alg": "ES384"}]})
    with pytest.raises(InvalidToken, match="another algorithm"):
        verify_access_token(sign("{}"), keys, issuer=ISSUER, audience=AUDIENCE, now_seconds=NOW)


def test_introspection_may_leave_out_what_only_a_jwt_needs() -> None:
    answer = {name: value for name, value in CLAIMS.items() if name not in {"iat", "jti", "scope"}}
    assert check_claims(answer, issuer=ISSUER, audience=AUDIENCE, now_seconds=NOW).scope == ()


def test_key_ids_that_are_published_are_known() -> None:
    assert str(KEY.kid) in KEYS
    assert "other" not in KEYS


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){2}", fullmatch=True))
def test_no_text_at_all_does_worse_than_be_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        read_header(text)
