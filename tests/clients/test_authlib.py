"""Authlib as a second opinion on OpenID Connect: it discovers, signs in, validates and logs out by its own rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from authlib.oauth2.rfc9207 import AuthorizationServerMetadata as IssuerMetadata
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.actors import EndUser
from tests.support.serving import WEB_CALLBACK, WEB_SECRET
from tests.support.steady_load import ANSWER_WITHIN

RESOURCE = "https://api.acme.test/notes"


@dataclass(frozen=True)
class SignedIn:
    """A finished flow, as Authlib saw it."""

    client: AsyncOAuth2Client
    metadata: dict[str, object]
    tokens: dict[str, object]
    nonce: str
    answer: dict[str, str]


@pytest.fixture
async def metadata(http: httpx2.AsyncClient, issuer: str) -> dict[str, object]:
    response = await http.get(f"{issuer}/.well-known/openid-configuration")
    document: dict[str, object] = response.json()
    return document


@pytest.fixture
async def client(metadata: dict[str, object]) -> AsyncIterator[AsyncOAuth2Client]:
    async with AsyncOAuth2Client(
        "webapp",
        WEB_SECRET,
        redirect_uri=WEB_CALLBACK,
        scope="openid profile email offline_access",
        code_challenge_method="S256",
        timeout=ANSWER_WITHIN,
    ) as client:
        client.metadata.update(
            token_endpoint=metadata["token_endpoint"], revocation_endpoint=metadata["revocation_endpoint"]
        )
        yield client


async def sign_in(client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object], **extra: str) -> SignedIn:
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **extra
    )
    page = await ada.authorize(url)
    assert page.callback is not None, page.document.text
    tokens = await client.fetch_token(
        metadata["token_endpoint"], authorization_response=page.callback, code_verifier=verifier, state=state
    )
    return SignedIn(client, metadata, tokens, nonce, page.answer)


async def keys_of(http: httpx2.AsyncClient, metadata: dict[str, object]) -> KeySet:
    return KeySet.import_key_set((await http.get(str(metadata["jwks_uri"]))).json())


@pytest.fixture
def ada(http: httpx2.AsyncClient) -> EndUser:
    return EndUser(http)


@pytest.mark.rfc("8414", "2")
@pytest.mark.rfc("9207", "3")
def test_the_metadata_are_valid_for_all_three_specifications(metadata: dict[str, object], issuer: str) -> None:
    assert metadata["issuer"] == issuer
    OpenIDProviderMetadata(metadata)["issuer"]
    document = {**metadata, "issuer": "https://auth.acme.test"}  # Authlib insists on https
    AuthorizationServerMetadata(document).validate_issuer()
    IssuerMetadata(document).validate_authorization_response_iss_parameter_supported()
    for name in ("response_types_supported", "grant_types_supported", "code_challenge_methods_supported"):
        getattr(AuthorizationServerMetadata(document), f"validate_{name}")()
    for name in ("subject_types_supported", "id_token_signing_alg_values_supported", "claims_supported"):
        getattr(OpenIDProviderMetadata(document), f"validate_{name}")()


@pytest.mark.rfc("OIDC Core", "3.1.3.7")
async def test_the_id_token_holds_to_authlibs_validation(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object], http: httpx2.AsyncClient, issuer: str
) -> None:
    flow = await sign_in(client, ada, metadata, max_age="600")
    token = jwt.decode(str(flow.tokens["id_token"]), await keys_of(http, metadata), algorithms=["RS256"])
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={"iss": {"value": issuer}, "aud": {"value": "webapp"}},
        params={
            "nonce": flow.nonce,
            "client_id": "webapp",
            "max_age": 600,
            "access_token": flow.tokens["access_token"],
        },
    )
    claims.validate(leeway=5)
    assert claims["nonce"] == flow.nonce
    assert claims["auth_time"] <= claims["iat"]


@pytest.mark.rfc("9207", "2")
async def test_the_answer_carries_the_issuer(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object], issuer: str
) -> None:
    flow = await sign_in(client, ada, metadata)
    assert flow.answer["iss"] == issuer


@pytest.mark.rfc("9068", "2.2")
async def test_the_access_token_holds_to_authlibs_reading_of_rfc_9068(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object], http: httpx2.AsyncClient, issuer: str
) -> None:
    flow = await sign_in(client, ada, metadata, resource=RESOURCE, scope="openid notes:read")
    token = jwt.decode(str(flow.tokens["access_token"]), await keys_of(http, metadata), algorithms=["ES256"])
    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": RESOURCE},
        **{name: {"essential": True} for name in ("exp", "iat", "sub", "client_id", "jti")},
    }
    JWTAccessTokenClaims(token.claims, token.header, options=options).validate(leeway=5)
    assert token.header["typ"] == "at+jwt"
    assert "notes:read" in token.claims["scope"].split()


@pytest.mark.rfc("OIDC Core", "5.3")
async def test_userinfo_is_about_the_person_of_the_id_token(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object], http: httpx2.AsyncClient
) -> None:
    flow = await sign_in(client, ada, metadata)
    userinfo = (await client.get(metadata["userinfo_endpoint"])).json()
    token = jwt.decode(str(flow.tokens["id_token"]), await keys_of(http, metadata), algorithms=["RS256"])
    assert userinfo["sub"] == token.claims["sub"]
    assert userinfo["name"] == "Ada Lovelace"
    assert userinfo["email"] == "ada@acme.test"


@pytest.mark.rfc("6749", "6")
async def test_authlib_refreshes_and_gets_a_new_refresh_token(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object]
) -> None:
    flow = await sign_in(client, ada, metadata)
    refreshed = await client.refresh_token(metadata["token_endpoint"], flow.tokens["refresh_token"])
    assert refreshed["access_token"] != flow.tokens["access_token"]
    assert refreshed["refresh_token"] != flow.tokens["refresh_token"]


@pytest.mark.rfc("7009", "2.1")
async def test_a_revoked_refresh_token_takes_its_access_tokens_along(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object]
) -> None:
    flow = await sign_in(client, ada, metadata)
    answer = await client.revoke_token(
        metadata["revocation_endpoint"], flow.tokens["refresh_token"], token_type_hint="refresh_token"
    )
    assert answer.status_code == 200
    assert (await client.get(metadata["userinfo_endpoint"])).status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        await client.refresh_token(metadata["token_endpoint"], flow.tokens["refresh_token"])


@pytest.mark.rfc("OIDC RP-Initiated Logout", "2")
async def test_logout_with_the_id_token_returns_to_the_client_and_ends_the_session(
    client: AsyncOAuth2Client, ada: EndUser, metadata: dict[str, object]
) -> None:
    flow = await sign_in(client, ada, metadata)
    query = urlencode(
        {
            "id_token_hint": flow.tokens["id_token"],
            "post_logout_redirect_uri": "https://app.acme.test/goodbye",
            "state": "see-you",
        }
    )
    page = await ada.visit(f"{metadata['end_session_endpoint']}?{query}")
    assert page.callback == "https://app.acme.test/goodbye?state=see-you"
    url, _ = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=generate_token(48))
    assert (await ada.visit(url)).step == "login"
