"""Software statements: who is believed, and what is not. RFC 7591 §2.3."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from server.kernel.json import dump_json
from server.protocol.errors import InvalidSoftwareStatement, UnapprovedSoftwareStatement
from server.protocol.software_statements import read_software_statement

VENDOR = "https://vendor.test"
HERE = "https://auth.acme.test"
NOW = 1_900_000_000
CLAIMS: dict[str, object] = {"iss": VENDOR, "client_name": "The product", "software_id": "product"}


@cache
def key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256", "use": "sig"})


def signed(
    claims: dict[str, object] = CLAIMS,
    *,
    signer: Any = None,  # noqa: ANN401 - any key of joserfc
    header: dict[str, object] | None = None,
) -> str:
    """A statement; the header names no key unless it is given."""
    return jws.serialize_compact({"alg": "ES256", **(header or {})}, dump_json(claims), signer or key("first"))


def read(statement: str, *kids: str) -> object:
    keys = [key(kid).as_dict(private=False) for kid in kids or ("first",)]
    return read_software_statement(statement, {VENDOR: {"keys": keys}}, audience=HERE, now_seconds=NOW)


@pytest.mark.rfc("7591", "2.3")
def test_the_claims_of_a_known_issuer_are_believed() -> None:
    assert read(signed()) == CLAIMS
    assert read(signed(header={"kid": "first"}), "first", "second") == CLAIMS


@pytest.mark.rfc("7591", "3.2.2")
@pytest.mark.parametrize("issuer", ["https://other.test", VENDOR + "/", None, 7, [VENDOR]])
def test_a_statement_of_somebody_else_is_not_approved(issuer: object) -> None:
    with pytest.raises(UnapprovedSoftwareStatement):
        read(signed({**CLAIMS, "iss": issuer}))


@pytest.mark.rfc("7591", "3.2.2")
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW},
        {"exp": NOW - 1},
        {"nbf": NOW + 1},
        {"exp": "tomorrow"},
        {"exp": True},
        {"aud": "https://elsewhere.test"},
        {"aud": []},
    ],
    ids=str,
)
def test_a_statement_that_is_not_in_force_here_is_invalid(claims: dict[str, object]) -> None:
    with pytest.raises(InvalidSoftwareStatement):
        read(signed({**CLAIMS, **claims}))


def test_a_statement_may_say_until_when_and_for_whom_it_is() -> None:
    assert read(signed({**CLAIMS, "exp": NOW + 1, "nbf": NOW, "aud": [HERE, "https://elsewhere.test"]}))


@pytest.mark.rfc("7515", "5.2")
def test_a_signature_that_does_not_hold_is_invalid() -> None:
    good = signed()
    head, payload, signature = good.split(".")
    other = base64.urlsafe_b64encode(dump_json({**CLAIMS, "client_name": "Another"}).encode()).rstrip(b"=").decode()
    symmetric = jws.serialize_compact(
        {"alg": "HS256", "kid": "first"}, dump_json(CLAIMS), OctKey.import_key("k" * 32), algorithms=["HS256"]
    )
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode() + f".{payload}."
    wrong_key = ECKey.generate_key("P-256")
    for statement in (
        f"{head}.{other}.{signature}",
        f"{head}.{payload}.",
        symmetric,
        unsigned,
        signed(signer=wrong_key),
        signed(header={"kid": "unknown"}),
    ):
        with pytest.raises(InvalidSoftwareStatement):
            read(statement)


def test_among_several_keys_one_must_be_named() -> None:
    with pytest.raises(InvalidSoftwareStatement):
        read(signed(), "first", "second")


@pytest.mark.parametrize("statement", ["", "a.b", "a.b.c", "a.b.c.d", "x" * 9000, "!.!.!", f"{'A' * 700}.e30.x"])
def test_what_is_no_jwt_is_invalid(statement: str) -> None:
    with pytest.raises(InvalidSoftwareStatement):
        read(statement)


def test_another_algorithm_than_the_key_is_for_is_invalid() -> None:
    published = {**key("first").as_dict(private=False), "alg": "RS256"}
    with pytest.raises(InvalidSoftwareStatement):
        read_software_statement(signed(), {VENDOR: {"keys": [published]}}, audience=HERE, now_seconds=NOW)
