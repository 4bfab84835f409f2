"""Clients that sign for themselves: by their document, by registration, and by an administrator."""

from __future__ import annotations

import json
import time
import uuid

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from server.kernel import digests
from server.kernel.shared_state import shared_state
from server.settings import Settings
from tests.actors import Attempt, EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document
from tests.support.metadata_host import MetadataHost, answering

PATH, KEYS = "/client.json", "/jwks.json"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FIRST, SECOND = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("first", "second"))
METHOD = "private_key_jwt"
SIGNS = {"token_endpoint_auth_method": METHOD}


def key_set(*keys: ECKey) -> dict[str, object]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def proof(party: RelyingParty, key: ECKey = FIRST, **claims: object) -> dict[str, str]:
    content = {
        "iss": party.client_id,
        "sub": party.client_id,
        "aud": party.issuer,
        "exp": int(time.time()) + 60,
        "jti": str(uuid.uuid4()),
        **claims,
    }
    header = {"alg": "ES256", "kid": str(key.kid)}
    text = jws.serialize_compact(header, json.dumps(content), key)
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}


@pytest.fixture
def party(host: MetadataHost, http: httpx2.AsyncClient, issuer: str) -> RelyingParty:
    """A client whose keys stand in its document."""
    return RelyingParty(http, issuer, host.publish(PATH, token_endpoint_auth_method=METHOD, jwks=key_set(FIRST)))


@pytest.fixture
def publishing(host: MetadataHost, http: httpx2.AsyncClient, issuer: str) -> RelyingParty:
    """A client whose document says where its keys are."""
    host.behaviours[KEYS] = answering(json.dumps(key_set(FIRST)).encode())
    return RelyingParty(http, issuer, host.publish(PATH, token_endpoint_auth_method=METHOD, jwks_uri=host.url(KEYS)))


async def code_for(ada: EndUser, party: RelyingParty) -> tuple[str, Attempt]:
    attempt = party.begin(scope="openid offline_access")
    return (await ada.authorize(attempt.url)).answer["code"], attempt


def refused(response: httpx2.Response) -> bool:
    return (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.rfc("7523", "2.2")
@pytest.mark.checklist("1d.29")
async def test_a_document_with_keys_obliges_the_client_to_sign(party: RelyingParty, ada: EndUser) -> None:
    code, attempt = await code_for(ada, party)
    assert refused(await party.redeem(code, attempt))
    assert refused(await party.redeem(code, attempt, client_secret="a guess"))
    assert refused(await party.redeem(code, attempt, **proof(party, SECOND)))
    tokens = (await party.redeem(code, attempt, **proof(party))).json()
    assert refused(await party.refresh(tokens["refresh_token"]))
    renewed = await party.refresh(tokens["refresh_token"], **proof(party, aud=f"{party.issuer}/token"))
    assert renewed.status_code == httpx2.codes.OK
    seen = await party.introspect(renewed.json()["access_token"], **proof(party))
    assert seen.json()["active"] is True
    assert (await party.revoke(renewed.json()["access_token"], **proof(party))).status_code == httpx2.codes.OK


@pytest.mark.rfc("7523", "3")
async def test_an_assertion_is_good_once(party: RelyingParty, ada: EndUser) -> None:
    code, attempt = await code_for(ada, party)
    shown = proof(party)
    tokens = (await party.redeem(code, attempt, **shown)).json()
    assert refused(await party.refresh(tokens["refresh_token"], **shown))


@pytest.mark.parametrize(
    "claims",
    [{"aud": "https://other.test"}, {"exp": 1}, {"iss": "another"}, {"jti": None}, {"sub": "webapp", "iss": "webapp"}],
)
async def test_a_statement_for_another_purpose_is_refused(
    party: RelyingParty, ada: EndUser, claims: dict[str, object]
) -> None:
    code, attempt = await code_for(ada, party)
    response = await party.redeem(code, attempt, client_id=None, **proof(party, FIRST, **claims))
    assert response.status_code in {400, 401}
    assert "access_token" not in response.json()


@pytest.mark.parametrize(
    "other", [{"client_secret": "x"}, {"client_id": "webapp"}, {"client_assertion_type": "urn:ietf:x"}]
)
async def test_two_kinds_of_credentials_that_disagree_are_refused(
    party: RelyingParty, ada: EndUser, other: dict[str, str]
) -> None:
    code, attempt = await code_for(ada, party)
    response = await party.redeem(code, attempt, **(proof(party) | other))
    assert response.json()["error"] in {"invalid_request", "invalid_client"}


async def test_the_algorithm_that_was_named_is_the_only_one(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    named = host.publish(
        PATH, token_endpoint_auth_method=METHOD, jwks=key_set(FIRST), token_endpoint_auth_signing_alg="RS256"
    )
    party = RelyingParty(http, issuer, named)
    code, attempt = await code_for(ada, party)
    assert refused(await party.redeem(code, attempt, **proof(party)))


async def test_published_keys_are_fetched_for_an_unknown_key_once_a_minute(
    publishing: RelyingParty, host: MetadataHost, ada: EndUser
) -> None:
    code, attempt = await code_for(ada, publishing)
    tokens = (await publishing.redeem(code, attempt, **proof(publishing))).json()
    renewed = (await publishing.refresh(tokens["refresh_token"], **proof(publishing))).json()
    assert host.count(KEYS) == 1
    host.behaviours[KEYS] = answering(json.dumps(key_set(SECOND)).encode())
    for _ in range(3):
        assert refused(await publishing.refresh(renewed["refresh_token"], **proof(publishing, SECOND)))
    assert host.count(KEYS) == 1
    await forget_the_minute(host.url(KEYS))
    assert "access_token" in (await publishing.refresh(renewed["refresh_token"], **proof(publishing, SECOND))).json()
    assert host.count(KEYS) == 2
    # The first key is not published any more.
    assert refused(await publishing.refresh(renewed["refresh_token"], **proof(publishing, FIRST)))
    assert host.count(PATH) == 1


async def forget_the_minute(uri: str) -> None:
    await shared_state().forget(f"client-keys:{digests.sha256(uri).hex()}")


@pytest.mark.parametrize("body", [b"{}", b"no keys", b'{"keys": [1, {"kty": "oct"}]}', b" " * 20_000])
async def test_keys_that_cannot_be_had_authenticate_nobody(
    publishing: RelyingParty, host: MetadataHost, ada: EndUser, body: bytes
) -> None:
    host.behaviours[KEYS] = answering(body)
    code, attempt = await code_for(ada, publishing)
    assert refused(await publishing.redeem(code, attempt, **proof(publishing)))


async def test_strangers_make_nobody_fetch_keys(publishing: RelyingParty, host: MetadataHost) -> None:
    """A client that nobody allowed anything is none, whatever it signs."""
    assert refused(await publishing.token(grant_type="refresh_token", refresh_token="x", **proof(publishing)))
    assert host.asked == []


@pytest.mark.rfc("7591", "2")
async def test_a_client_may_register_with_its_keys(http: httpx2.AsyncClient, issuer: str, ada: EndUser) -> None:
    answer = await http.post(
        f"{issuer}/register",
        json={"redirect_uris": ["https://app.test/cb"], "client_name": "Signs", **SIGNS, "jwks": key_set(FIRST)},
    )
    assert answer.status_code == httpx2.codes.CREATED
    assert answer.json()["jwks"] == key_set(FIRST)
    assert "client_secret" not in answer.json()
    party = RelyingParty(http, issuer, answer.json()["client_id"], redirect_uri="https://app.test/cb")
    code, attempt = await code_for(ada, party)
    assert refused(await party.redeem(code, attempt))
    assert "access_token" in (await party.redeem(code, attempt, **proof(party))).json()


@pytest.mark.rfc("7523", "2.2")
async def test_an_administrator_may_register_keys(http: httpx2.AsyncClient, settings: Settings, issuer: str) -> None:
    batch = {"client_id": "batch", "grant_types": ["client_credentials"], "scope": "notes:read", **SIGNS}
    listed = ACME["clients"]
    assert isinstance(listed, list)
    await apply_document(settings, ACME | {"clients": [*listed, batch | {"jwks": key_set(FIRST)}]})
    party = RelyingParty(http, issuer, "batch")
    assert refused(await party.token(grant_type="client_credentials"))
    response = await party.token(grant_type="client_credentials", client_id=None, **proof(party))
    # The client_id is in the assertion alone.
    assert response.json()["scope"] == "notes:read"


async def test_who_has_a_secret_does_not_sign(webapp: RelyingParty) -> None:
    plain = RelyingParty(webapp.http, webapp.issuer, "webapp")
    assert refused(await plain.token(grant_type="refresh_token", refresh_token="x", **proof(plain)))
