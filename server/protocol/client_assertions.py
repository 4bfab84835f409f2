"""Client authentication by a signed statement: private_key_jwt. RFC 7521 §4.2, RFC 7523 §2.2 and §3.

Pure, from text to a verified assertion; that it is used once is for the caller to remember. Times are in seconds.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from .errors import InvalidClient, InvalidRequest
from .json_documents import parse_object
from .vocabulary import AssertionAlgorithm

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .client_keys import ClientKey, PublicKey
    from .json_documents import JsonValue

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_LENGTH = 8192
MAX_ID = 255
# Nobody needs one for longer, and it has to be remembered for as long.
MAX_LIFETIME_SECONDS = 3600
LEEWAY_SECONDS = 30
_SEGMENTS = 3
_TYPES = frozenset({None, "JWT", "jwt", "client-authentication+jwt"})
_SIGNATURES = jws.JWSRegistry(
    algorithms=[algorithm.value for algorithm in AssertionAlgorithm if algorithm is not AssertionAlgorithm.EDDSA]
)


@dataclass(frozen=True, slots=True)
class UnverifiedAssertion:
    """What an assertion says before anybody looked at its signature: good for finding client and key."""

    text: str = field(repr=False)
    algorithm: AssertionAlgorithm
    key_id: str | None
    client_id: str


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """An assertion that one of the client's keys signed, for us, and that is in force."""

    id: str
    expires_at: float


def read_assertion(text: str) -> UnverifiedAssertion:
    """Who an assertion claims to be from; raises InvalidClient for what no key could save."""
    if len(text) > MAX_LENGTH or text.count(".") != _SEGMENTS - 1:
        raise InvalidClient("client_assertion is no signed JWT in compact form, or too long")
    header, claims = (_object(segment) for segment in text.split(".")[:2])
    if header.get("typ") not in _TYPES or "crit" in header:
        raise InvalidClient("client_assertion is of another type, or has critical extensions")
    try:
        algorithm = AssertionAlgorithm(str(header.get("alg")))
    except ValueError:
        raise InvalidClient("client_assertion is signed with an algorithm that is not allowed") from None
    key_id, subject = header.get("kid"), claims.get("sub")
    if not isinstance(subject, str) or subject != claims.get("iss"):
        raise InvalidClient("iss and sub of client_assertion are not one client_id")
    return UnverifiedAssertion(text, algorithm, key_id if isinstance(key_id, str) else None, subject)


def is_of_unknown_key(assertion: UnverifiedAssertion, keys: tuple[ClientKey, ...]) -> bool:
    """Whether only a key that is not among these can have signed it: by its id or, when it names none, by trying."""
    if assertion.key_id is None:
        return _verified_claims(assertion, keys) is None
    return not _fitting(assertion, keys)


def verify_assertion(
    assertion: UnverifiedAssertion, keys: tuple[ClientKey, ...], *, audiences: Collection[str], now_seconds: float
) -> VerifiedAssertion:
    """The assertion, verified. `audiences` are the names that we have; it must be for nobody else. RFC 7523 §3.

    Raises InvalidClient, each time with a reason for the log.
    """
    claims = _verified_claims(assertion, _fitting(assertion, keys))
    if claims is None:
        raise InvalidClient("client_assertion is signed with none of the client's keys")
    if claims.get("iss") != assertion.client_id or claims.get("sub") != assertion.client_id:
        raise InvalidClient("client_assertion speaks of another client")
    named = claims.get("aud")
    listed = named if isinstance(named, list) else [named]
    if not listed or not all(isinstance(audience, str) and audience in audiences for audience in listed):
        raise InvalidClient("client_assertion is for somebody else, too")
    expires_at, identifier = _seconds(claims, "exp"), claims.get("jti")
    if not -LEEWAY_SECONDS < expires_at - now_seconds <= MAX_LIFETIME_SECONDS + LEEWAY_SECONDS:
        raise InvalidClient("client_assertion has expired, or is to live too long")
    if any(_seconds(claims, name) > now_seconds + LEEWAY_SECONDS for name in ("nbf", "iat") if name in claims):
        raise InvalidClient("client_assertion is not in force yet")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= MAX_ID:
        raise InvalidClient("client_assertion has no jti to remember it by")
    return VerifiedAssertion(identifier, expires_at)


def _fitting(assertion: UnverifiedAssertion, keys: tuple[ClientKey, ...]) -> tuple[ClientKey, ...]:
    """The keys that may have signed it: the named one, or all of them when it names none."""
    return tuple(key for key in keys if assertion.key_id in {None, key.key_id})


def _verified_claims(assertion: UnverifiedAssertion, keys: tuple[ClientKey, ...]) -> Mapping[str, JsonValue] | None:
    for candidate in keys:
        if candidate.key.get("alg", assertion.algorithm.value) != assertion.algorithm.value:
            continue
        try:
            return parse_object(_verified_payload(assertion, candidate.key))
        except (JoseError, InvalidSignature, ValueError, TypeError, InvalidRequest):
            continue
    return None


def _verified_payload(assertion: UnverifiedAssertion, key: PublicKey) -> bytes:
    if assertion.algorithm is not AssertionAlgorithm.EDDSA:
        return jws.deserialize_compact(assertion.text, key, registry=_SIGNATURES).payload
    # The old name of Ed25519, which many clients still use and the library warns of (RFC 9864 §2.2).
    if not isinstance(key, OKPKey) or not isinstance(key.public_key, Ed25519PublicKey):
        raise TypeError("not a key for EdDSA")
    signing_input, _, signature = assertion.text.rpartition(".")
    key.public_key.verify(_decode(signature), signing_input.encode())
    return _decode(signing_input.partition(".")[2])


def _object(segment: str) -> Mapping[str, JsonValue]:
    try:
        return parse_object(_decode(segment))
    except (ValueError, InvalidRequest):
        raise InvalidClient("client_assertion cannot be read") from None


def _decode(segment: str) -> bytes:
    return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)


def _seconds(claims: Mapping[str, JsonValue], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidClient(f"{name} of client_assertion is no time")
    return value
