"""A token's text to its trusted claims, by asking the authorization server. RFC 7662.

It sees a revocation at once and is the only way with opaque tokens, at the price of a question per request.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..protocol.errors import InvalidToken
from ..protocol.jwt import MAX_TOKEN_LENGTH, check_claims
from .discovery import read_json_object
from .fetching import FetchFailed
from .remembering import SourceUnavailable
from .verifying import remembered_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..protocol.jwt import AccessTokenClaims
    from .fetching import Fetched, Fetcher
    from .remembering import Clock
    from .verifying import Expected

_OK = 200
_RETRY_AFTER_SECONDS = 5
_MAX_CACHED = 4096


@dataclass(frozen=True, slots=True)
class Introspection:
    """The client by which we ask. With `cache_seconds` a revocation is seen that much later; 0 asks each time."""

    client_id: str
    client_secret: str = field(repr=False)
    cache_seconds: float = 0


class IntrospectionVerifier:
    """Asks the issuer's introspection endpoint about each token."""

    def __init__(self, introspection: Introspection, expected: Expected, fetcher: Fetcher, clock: Clock) -> None:
        self._introspection = introspection
        self._expected = expected
        self._fetcher = fetcher
        self._clock = clock
        self._facts = remembered_facts(expected.issuer, fetcher, clock)
        self._cached: OrderedDict[bytes, tuple[float, AccessTokenClaims]] = OrderedDict()

    async def verify(self, token: str) -> AccessTokenClaims:
        """The claims of an active token. Raises InvalidToken or SourceUnavailable."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise InvalidToken("token longer than any we issue")
        digest = hashlib.sha256(token.encode("ascii")).digest()
        until, claims = self._cached.get(digest, (0, None))
        if claims is not None and self._clock() < until:
            return claims
        claims = self._check(await self._ask(token))
        self._keep(digest, claims)
        return claims

    def _check(self, document: Mapping[str, object]) -> AccessTokenClaims:
        if document.get("active") is not True:
            raise InvalidToken("not active, says the authorization server")
        kind = document.get("token_type", "Bearer")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise InvalidToken("active, but no bearer token")
        return check_claims(
            {"iss": self._expected.issuer, **document},
            issuer=self._expected.issuer,
            audience=self._expected.audience,
            now_seconds=self._clock(),
            leeway_seconds=self._expected.clock_skew_seconds,
        )

    def _keep(self, digest: bytes, claims: AccessTokenClaims) -> None:
        if self._introspection.cache_seconds <= 0:
            return
        self._cached[digest] = (min(self._clock() + self._introspection.cache_seconds, claims.expires_at), claims)
        self._cached.move_to_end(digest)
        if len(self._cached) > _MAX_CACHED:
            self._cached.popitem(last=False)

    async def _ask(self, token: str) -> Mapping[str, object]:
        try:
            return read_json_object(await self._post(token))
        except (FetchFailed, ValueError) as error:
            raise SourceUnavailable(str(error), _RETRY_AFTER_SECONDS) from error

    async def _post(self, token: str) -> Fetched:
        endpoint = (await self._facts.get()).introspection_endpoint
        if endpoint is None:
            raise FetchFailed("the authorization server has no introspection endpoint")
        credentials = (self._introspection.client_id, self._introspection.client_secret)
        form = {"token": token, "token_type_hint": "access_token"}
        fetched = await self._fetcher.post_form(endpoint, form, credentials)
        if fetched.status != _OK:
            raise FetchFailed(f"introspection answered with status {fetched.status}")
        return fetched
