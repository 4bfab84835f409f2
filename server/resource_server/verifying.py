"""A token's text to its trusted claims, with the issuer's published keys. RFC 9068 §4, RFC 7517."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..protocol.jwt import read_header, verification_keys, verify_access_token
from .discovery import discover, read_json_object
from .fetching import FetchFailed
from .remembering import Patience, Remembered

if TYPE_CHECKING:
    from ..protocol.jwt import AccessTokenClaims, VerificationKeys
    from .discovery import ServerFacts
    from .fetching import Fetcher
    from .remembering import Clock

_OK = 200
_FACTS = Patience(fresh=3600)


@dataclass(frozen=True, slots=True)
class Expected:
    """What every token must fit: its issuer, its audience, and how far two clocks may be apart."""

    issuer: str
    audience: str
    clock_skew_seconds: float


class Verifier(Protocol):
    """Says what a token allows."""

    async def verify(self, token: str) -> AccessTokenClaims:
        """The claims of a valid token. Raises InvalidToken or SourceUnavailable."""
        ...


class KeyVerifier:
    """Verifies signatures with the keys of the issuer's JWK set, which may rotate at any time."""

    def __init__(self, expected: Expected, fetcher: Fetcher, clock: Clock, patience: Patience) -> None:
        self._expected = expected
        self._fetcher = fetcher
        self._clock = clock
        self._facts = remembered_facts(expected.issuer, fetcher, clock)
        self._keys = Remembered(self._load_keys, clock, patience)

    async def verify(self, token: str) -> AccessTokenClaims:
        """The claims of a valid token. Raises InvalidToken or SourceUnavailable."""
        # What no key could save is refused before anybody is asked for keys.
        header = read_header(token)
        keys = await self._keys.get(lambda known: header.key_id in known)
        return verify_access_token(
            token,
            keys,
            issuer=self._expected.issuer,
            audience=self._expected.audience,
            now_seconds=self._clock(),
            leeway_seconds=self._expected.clock_skew_seconds,
        )

    async def _load_keys(self) -> VerificationKeys:
        facts = await self._facts.get()
        if facts.jwks_uri is None:
            raise ValueError("the authorization server publishes no keys")
        fetched = await self._fetcher.get(facts.jwks_uri)
        if fetched.status != _OK:
            raise FetchFailed(f"no keys: status {fetched.status}")
        return verification_keys(read_json_object(fetched))


def remembered_facts(issuer: str, fetcher: Fetcher, clock: Clock) -> Remembered[ServerFacts]:
    """The issuer's metadata, read when first needed and again each hour."""

    async def load() -> ServerFacts:
        return await discover(issuer, fetcher)

    return Remembered(load, clock, _FACTS)
