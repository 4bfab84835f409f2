"""Which tokens are let in, and which never are."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey

from tests.resource_server.conftest import Protect, Protected
from tests.resource_server.issuer import ED25519, ES256, NEXT, RS256, SigningKey, signed


def unsigned(header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


@pytest.mark.rfc("9068", "4")
@pytest.mark.checklist("2.4")
async def test_a_token_for_this_resource_is_admitted(notes: Protected) -> None:
    answer = await notes.get()
    assert answer.status_code == 200
    assert answer.json() == {"sub": "ada", "client": "notes-cli", "scope": ["notes:read"]}


@pytest.mark.parametrize("key", [ES256, RS256, ED25519], ids=["ES256", "RS256", "Ed25519"])
async def test_every_algorithm_of_the_issuer_is_understood(notes: Protected, key: SigningKey) -> None:
    assert (await notes.get(signed(notes.claims(), key))).status_code == 200


async def test_the_long_form_of_the_type_is_the_same_type(notes: Protected) -> None:
    assert (await notes.get(signed(notes.claims(), typ="application/at+JWT"))).status_code == 200


async def test_a_token_for_several_resources_is_admitted_by_each(notes: Protected) -> None:
    assert (await notes.get(audience=["https://other.test", notes.resource])).status_code == 200


@pytest.mark.checklist("2.4")
@pytest.mark.checklist("2.5")
@pytest.mark.checklist("2.8")
@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "https://other.test/mcp"},
        {"audience": ["https://other.test/mcp", "https://third.test"]},
        {"audience": []},
        {"audience": {"https://other.test": True}},
        {"audience": 7},
        {"audience": None},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": float("nan")},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
        {"client_id": None},
        {"jti": None},
        {"scope": ["notes:read"]},
    ],
    ids=str,
)
async def test_a_signed_token_with_a_wrong_claim_is_refused(notes: Protected, changes: dict[str, object]) -> None:
    answer = await notes.get(signed(notes.claims(**changes)))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_the_audience_must_be_this_resource_and_not_one_that_begins_like_it(notes: Protected) -> None:
    for near in (notes.resource + "/", notes.resource + "x", notes.origin, notes.origin + "/MCP"):
        assert (await notes.get(audience=near)).status_code == 401


async def test_an_id_token_is_no_access_token(notes: Protected) -> None:
    assert (await notes.get(signed(notes.claims(), typ="JWT"))).status_code == 401
    assert (await notes.get(signed(notes.claims(), typ=None))).status_code == 401


@pytest.mark.rfc("8725", "3.1")
async def test_an_unsigned_token_is_refused(notes: Protected) -> None:
    for algorithm in ("none", "None", "NONE"):
        header = {"alg": algorithm, "typ": "at+jwt", "kid": ES256.kid}
        assert (await notes.get(unsigned(header, notes.claims()))).status_code == 401


@pytest.mark.rfc("8725", "3.1")
@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
async def test_a_public_key_is_no_shared_secret(notes: Protected, key: SigningKey) -> None:
    secret = OctKey.import_key(base64.b64encode(key.as_pem(private=False)).decode())
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    assert (await notes.get(jwt.encode(header, notes.claims(), secret, ["HS256"]))).status_code == 401


async def test_a_key_that_signs_under_the_name_of_another_is_refused(notes: Protected) -> None:
    await notes.get()
    assert (await notes.get(signed(notes.claims(), NEXT, kid=ES256.kid))).status_code == 401


async def test_a_key_of_another_issuer_is_refused_under_its_own_name(notes: Protected) -> None:
    assert (await notes.get(signed(notes.claims(), NEXT))).status_code == 401


async def test_a_key_inside_the_token_is_not_believed(notes: Protected) -> None:
    own = ECKey.generate_key("P-256", {"alg": "ES256"})
    token = signed(notes.claims(), own, kid=ES256.kid, jwk=own.as_dict(private=False))
    assert (await notes.get(token)).status_code == 401


async def test_a_token_that_names_no_key_is_refused(notes: Protected) -> None:
    assert (await notes.get(signed(notes.claims(), kid=None))).status_code == 401


async def test_an_unknown_critical_field_is_refused(notes: Protected) -> None:
    protected = {"alg": "ES256", "typ": "at+jwt", "kid": ES256.kid, "crit": ["exp"], "exp": 1}
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    registry.check_header = print  # type: ignore[assignment, method-assign] # an attacker's library checks nothing
    token = jws.serialize_compact(protected, json.dumps(notes.claims()), ES256, registry=registry)
    assert (await notes.get(token)).status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "a.b.c.d.e", "e30.e30.", "bnVsbA.e30.x", "W10.e30.x", "!.!.!"])
async def test_what_is_no_jwt_is_refused(notes: Protected, token: str) -> None:
    answer = await notes.http.get("/mcp", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {400, 401}


async def test_an_oversize_token_is_refused_before_anybody_is_asked_for_keys(protect: Protect) -> None:
    notes = await protect()
    assert (await notes.get(signed(notes.claims(filler="x" * 9000)))).status_code == 401
    assert notes.issuer.asked["jwks"] == 0


async def test_a_changed_payload_is_refused(notes: Protected) -> None:
    header, _, signature = notes.token().split(".")
    other = notes.token(sub="eve").split(".")[1]
    assert (await notes.get(f"{header}.{other}.{signature}")).status_code == 401


@pytest.mark.checklist("2.9")
async def test_a_token_that_was_good_once_is_looked_at_again_each_time(protect: Protect) -> None:
    notes = await protect()
    token = notes.token()
    assert (await notes.get(token)).status_code == 200
    notes.clock.ahead = 600 + 11
    assert (await notes.get(token)).status_code == 401


async def test_clocks_may_differ_by_a_few_seconds(protect: Protect) -> None:
    notes = await protect()
    token = notes.token()
    notes.clock.ahead = 600 + 5
    assert (await notes.get(token)).status_code == 200
