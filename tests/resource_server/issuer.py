"""An issuer of our own: real keys, real documents over loopback, and everything that can go wrong with them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SigningKey = ECKey | RSAKey | OKPKey
RESOURCE_PATH = "/mcp"
ES256 = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
RS256 = RSAKey.generate_key(2048, {"alg": "RS256", "use": "sig"}, auto_kid=True)
ED25519 = OKPKey.generate_key("Ed25519", {"alg": "Ed25519", "use": "sig"}, auto_kid=True)
NEXT = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)


def claims_for(issuer: str, audience: object, **changes: object) -> dict[str, object]:
    """What a good token says; a change of None removes the claim."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": "ada",
        "client_id": "notes-cli",
        "iat": now,
        "exp": now + 600,
        "jti": "one",
        "scope": "notes:read",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, object], key: SigningKey = ES256, **header: object) -> str:
    """A signed access token."""
    algorithm = str(key.get("alg"))
    fields = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid, **header}
    return jwt.encode({k: v for k, v in fields.items() if v is not None}, claims, key, [algorithm])


@dataclass
class Issuer:
    """An authorization server as a resource server sees it."""

    origin: str
    keys: list[SigningKey] = field(default_factory=lambda: [ES256, RS256, ED25519])
    asked: Counter[str] = field(default_factory=Counter)
    is_down: bool = False
    named: str | None = None  # what its metadata say the issuer is
    lacks: frozenset[str] = frozenset()  # members that its metadata leave out
    jwks_path: str = "/jwks"
    active: dict[str, dict[str, object]] = field(default_factory=dict)
    credentials: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.origin}/t/demo"

    def metadata(self) -> dict[str, object]:
        document = {
            "issuer": self.named or self.url,
            "jwks_uri": self.url + self.jwks_path,
            "introspection_endpoint": f"{self.url}/introspect",
        }
        return {name: value for name, value in document.items() if name not in self.lacks}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/oauth-authorization-server/t/demo", self._metadata),
                Route("/t/demo/jwks", self._jwks),
                Route("/t/demo/introspect", self._introspect, methods=["POST"]),
            ]
        )

    async def _metadata(self, _request: Request) -> Response:
        self.asked["metadata"] += 1
        return Response(status_code=502) if self.is_down else JSONResponse(self.metadata())

    async def _jwks(self, _request: Request) -> Response:
        self.asked["jwks"] += 1
        if self.is_down:
            return Response(status_code=502)
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _introspect(self, request: Request) -> Response:
        self.asked["introspect"] += 1
        if self.is_down:
            return Response(status_code=502)
        self.credentials.append(request.headers["authorization"])
        form = parse_qs((await request.body()).decode())
        return JSONResponse(self.active.get(form["token"][0], {"active": False}))
