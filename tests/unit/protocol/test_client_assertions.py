"""Signed statements of clients, good and forged."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeyParameters, OctKey, OKPKey, RSAKey

from server.protocol.client_assertions import (
    LEEWAY_SECONDS,
    MAX_LENGTH,
    MAX_LIFETIME_SECONDS,
    is_of_unknown_key,
    read_assertion,
    verify_assertion,
)
from server.protocol.client_keys import ClientKey, client_keys
from server.protocol.errors import InvalidClient
from tests.unit.protocol.refusals import refused

NOW = 1_900_000_000
US = "https://id.test/t/acme"
CLIENT = "https://app.test/client.json"
Key = RSAKey | ECKey | OKPKey
NOTHING: Mapping[str, object] = {}
CLAIMS: dict[str, object] = {"iss": CLIENT, "sub": CLIENT, "aud": US, "exp": NOW + 60, "iat": NOW, "jti": "once"}


@cache
def key_for(algorithm: str, kid: str | None = "k1") -> Key:
    options: KeyParameters = {"kid": kid} if kid else {}
    if algorithm in {"RS256", "PS256"}:
        return RSAKey.generate_key(2048, options)
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", options)
    return OKPKey.generate_key("Ed25519", options)


def published(*keys: Key) -> tuple[ClientKey, ...]:
    return client_keys({"keys": [key.as_dict(private=False) for key in keys]})


def signed(
    algorithm: str = "ES256", key: Key | OctKey | None = None, changes: Mapping[str, object] = NOTHING, **more: object
) -> str:
    changes = {**changes, **more}
    header: dict[str, object] = {"alg": algorithm, "kid": "k1", "typ": "JWT"}
    header |= {name.removeprefix("header_"): value for name, value in changes.items() if name.startswith("header_")}
    claims = CLAIMS | {name: value for name, value in changes.items() if not name.startswith("header_")}
    clean = [{name: value for name, value in part.items() if value is not None} for part in (header, claims)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of EdDSA, the old name
        return jws.serialize_compact(clean[0], json.dumps(clean[1]), key or key_for(algorithm), algorithms=[algorithm])


def verify(text: str, *keys: Key, now: float = NOW) -> str:
    known = published(*(keys or (key_for("ES256"),)))
    return verify_assertion(read_assertion(text), known, audiences={US, f"{US}/token"}, now_seconds=now).id


@pytest.mark.rfc("7523", "3")
@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "Ed25519", "EdDSA"])
def test_each_allowed_algorithm_is_verified(algorithm: str) -> None:
    assert verify(signed(algorithm), key_for(algorithm)) == "once"


@pytest.mark.parametrize("audience", [US, f"{US}/token", [US], [US, f"{US}/token"]])
def test_issuer_and_token_endpoint_are_both_us(audience: object) -> None:
    assert verify(signed(aud=audience)) == "once"


def test_a_key_without_an_id_is_found_by_trying() -> None:
    key, other = key_for("ES256", None), key_for("RS256", None)
    text = signed(key=key, header_kid=None)
    assert verify(text, other, key) == "once"
    assert not is_of_unknown_key(read_assertion(text), published(other, key))
    assert is_of_unknown_key(read_assertion(text), published(other))


def test_an_unknown_key_is_known_to_be_one() -> None:
    assertion = read_assertion(signed(header_kid="k2"))
    assert is_of_unknown_key(assertion, published(key_for("ES256")))
    assert not is_of_unknown_key(read_assertion(signed()), published(key_for("ES256")))


NONE_OF_ITS_KEYS = "client_assertion is signed with none of the client's keys"
EXPIRED = "client_assertion has expired, or is to live too long"


@pytest.mark.rfc("7523", "3")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "https://other.test"}, "client_assertion is for somebody else, too"),
        ({"aud": [US, "https://other.test"]}, "client_assertion is for somebody else, too"),
        ({"aud": []}, "client_assertion is for somebody else, too"),
        ({"aud": None}, "client_assertion is for somebody else, too"),
        ({"aud": f"{US}/"}, "client_assertion is for somebody else, too"),
        ({"exp": NOW - LEEWAY_SECONDS}, EXPIRED),
        ({"exp": NOW + MAX_LIFETIME_SECONDS + LEEWAY_SECONDS + 1}, EXPIRED),
        ({"exp": None}, "exp of client_assertion is no time"),
        ({"exp": "tomorrow"}, "exp of client_assertion is no time"),
        ({"exp": True}, "exp of client_assertion is no time"),
        ({"nbf": NOW + LEEWAY_SECONDS + 1}, "client_assertion is not in force yet"),
        ({"iat": NOW + LEEWAY_SECONDS + 1}, "client_assertion is not in force yet"),
        ({"jti": None}, "client_assertion has no jti to remember it by"),
        ({"jti": ""}, "client_assertion has no jti to remember it by"),
        ({"jti": "x" * 256}, "client_assertion has no jti to remember it by"),
        ({"header_kid": "k2"}, NONE_OF_ITS_KEYS),
    ],
)
def test_a_statement_that_is_not_for_us_now_is_refused(changes: dict[str, object], why: str) -> None:
    with refused(InvalidClient, why):
        verify(signed(changes=changes))


def test_a_key_is_used_for_its_own_algorithm_only() -> None:
    key = RSAKey.import_key(key_for("RS256").as_dict(private=True) | {"alg": "RS256"})
    with refused(InvalidClient, NONE_OF_ITS_KEYS):
        verify(signed("PS256", key_for("RS256")), key)


def test_somebody_elses_signature_is_refused() -> None:
    with refused(InvalidClient, NONE_OF_ITS_KEYS):
        verify(signed(key=ECKey.generate_key("P-256")))
    with refused(InvalidClient, NONE_OF_ITS_KEYS):
        verify(signed("EdDSA", OKPKey.generate_key("Ed25519")), key_for("EdDSA"))
    with refused(InvalidClient, NONE_OF_ITS_KEYS):
        verify(signed("EdDSA", key_for("EdDSA")), key_for("ES256"))


ALGORITHM = "client_assertion is signed with an algorithm that is not allowed"
SHAPE = "client_assertion is no signed JWT in compact form, or too long"
SUBJECT = "iss and sub of client_assertion are not one client_id"


@pytest.mark.rfc("8725", "3.1")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", SHAPE),
        ("a.b", SHAPE),
        ("a.b.c.d.e", SHAPE),
        ("x" * (MAX_LENGTH + 1), SHAPE),
        ("a.b.c", "client_assertion cannot be read"),
        ("e30.W10.c", "client_assertion cannot be read"),
        ("e30.e30.c", ALGORITHM),
        ("eyJhbGciOiJub25lIn0.e30.", ALGORITHM),
        ("eyJhbGciOiJIUzI1NiJ9.e30.c", ALGORITHM),
        ("eyJhbGciOiJFUzI1NiJ9.e30.c", SUBJECT),
    ],
)
def test_what_no_key_could_save_is_refused_at_once(text: str, why: str) -> None:
    with refused(InvalidClient, why):
        read_assertion(text)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "another"}, SUBJECT),
        ({"sub": None}, SUBJECT),
        ({"header_typ": "at+jwt"}, "client_assertion is of another type, or has critical extensions"),
    ],
)
def test_a_statement_about_nobody_is_refused(changes: dict[str, object], why: str) -> None:
    with refused(InvalidClient, why):
        read_assertion(signed(changes=changes))


def test_a_secret_is_no_key() -> None:
    """HS256 with the public key as secret."""
    secret = OctKey.import_key("k" * 32)
    with refused(InvalidClient, ALGORITHM):
        read_assertion(signed("HS256", secret))


def test_whom_a_statement_is_about_is_what_was_signed() -> None:
    assertion = replace(read_assertion(signed()), client_id="https://other.test/client.json")
    with pytest.raises(InvalidClient):
        verify_assertion(assertion, published(key_for("ES256")), audiences={US}, now_seconds=NOW)


@pytest.mark.parametrize(
    "member",
    [{"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}, {"kty": "EC", "crv": "P-256"}],
    ids=["not a point", "half of one"],
)
def test_a_key_that_is_none_is_left_out(member: dict[str, object]) -> None:
    assert client_keys({"keys": [member]}) == ()


def test_a_key_that_is_too_short_is_left_out() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is too short
        assert published(RSAKey.generate_key(1024)) == ()
