"""A client of one tenant, as an application would write it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2

from tests.support.wrong_turn import WrongTurn


@dataclass(frozen=True, slots=True)
class Attempt:
    """One authorization request and what its answer has to match."""

    url: str
    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A client of one tenant; its methods return responses as they came, so that refusals can be looked at."""

    http: httpx2.AsyncClient = field(repr=False)
    issuer: str
    client_id: str
    redirect_uri: str = "http://127.0.0.1:8765/callback"
    client_secret: str | None = field(default=None, repr=False)
    secret_in_body: bool = False

    @staticmethod
    async def register(http: httpx2.AsyncClient, issuer: str, **metadata: object) -> RelyingParty:
        """Become a dynamically registered client (RFC 7591)."""
        document = {
            "client_name": "A client",
            "redirect_uris": ["http://127.0.0.1:8765/callback"],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            **metadata,
        }
        response = await http.post(f"{issuer}/register", json=document)
        if response.status_code != httpx2.codes.CREATED:
            message = f"registration answered {response.status_code}: {response.text[:400]}"
            raise WrongTurn(message)
        answer = response.json()
        return RelyingParty(
            http,
            issuer,
            answer["client_id"],
            redirect_uri=answer["redirect_uris"][0],
            client_secret=answer.get("client_secret"),
            secret_in_body=answer["token_endpoint_auth_method"] == "client_secret_post",
        )

    def begin(self, **parameters: str | list[str] | None) -> Attempt:
        """An authorization request; an argument replaces or adds a parameter, None leaves it out."""
        verifier = secrets.token_urlsafe(48)
        state, nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        asked: dict[str, str | list[str] | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            **parameters,
        }
        query = urlencode({name: value for name, value in asked.items() if value is not None}, doseq=True)
        return Attempt(f"{self.issuer}/authorize?{query}", state, nonce, verifier)

    async def redeem(self, code: str, attempt: Attempt, **parameters: str | None) -> httpx2.Response:
        """Trade a code for tokens."""
        return await self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=parameters.pop("redirect_uri", self.redirect_uri),
            code_verifier=parameters.pop("code_verifier", attempt.verifier),
            **parameters,
        )

    async def refresh(self, refresh_token: str, **parameters: str | None) -> httpx2.Response:
        """Ask for a new access token."""
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **parameters)

    async def token(self, **parameters: str | None) -> httpx2.Response:
        """Any request to the token endpoint."""
        return await self.post("token", **parameters)

    async def revoke(self, token: str, **parameters: str | None) -> httpx2.Response:
        """Give a token back (RFC 7009)."""
        return await self.post("revoke", token=token, **parameters)

    async def introspect(self, token: str, **parameters: str | None) -> httpx2.Response:
        """Ask about a token (RFC 7662)."""
        return await self.post("introspect", token=token, **parameters)

    async def userinfo(self, access_token: str) -> httpx2.Response:
        """Ask who the person is."""
        return await self.http.get(f"{self.issuer}/userinfo", headers={"authorization": f"Bearer {access_token}"})

    async def post(self, endpoint: str, **parameters: str | None) -> httpx2.Response:
        """Send a form to one of the tenant's endpoints, authenticated the way this client does."""
        form = {name: value for name, value in parameters.items() if value is not None}
        headers = {}
        if self.client_secret is None:
            form.setdefault("client_id", self.client_id)
        elif self.secret_in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            headers["authorization"] = basic(self.client_id, self.client_secret)
        return await self.http.post(f"{self.issuer}/{endpoint}", data=form, headers=headers)


def s256(verifier: str) -> str:
    """The code challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client_id: str, client_secret: str) -> str:
    """An Authorization header as RFC 6749 §2.3.1 wants it: both parts URL-encoded."""
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def answer_of(callback: str) -> dict[str, str]:
    """The parameters in a callback address; raises when one is repeated."""
    values = parse_qs(urlsplit(callback).query, keep_blank_values=True)
    if any(len(given) > 1 for given in values.values()):
        message = "a parameter of the authorization response is repeated"
        raise WrongTurn(message)
    return {name: given[0] for name, given in values.items()}
