"""JWT access tokens as a resource server reads them: pure, from text to trusted claims.

RFC 9068 §4; RFC 8725 for what is refused before any key is touched. All times are whole seconds since the epoch.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from .errors import InvalidRequest, InvalidToken
from .json_documents import parse_object
from .resource_indicators import same_resource

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PublicKey = RSAKey | ECKey | OKPKey

# Asymmetric ones only: whoever can check a token must not be able to make one.
ALGORITHMS = frozenset({"ES256", "RS256", "Ed25519"})
MAX_TOKEN_LENGTH = 8192
_MAX_HEADER_LENGTH = 680  # in base64url: what the JOSE library takes, and far too short to nest deeply
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_JWT_CLAIMS = ("exp", "aud", "sub", "client_id", "iat", "jti")
_SIGNATURES = jws.JWSRegistry(algorithms=ALGORITHMS)


@dataclass(frozen=True, slots=True)
class UnverifiedHeader:
    """What a token says about its own signature; good for choosing a key and for nothing else."""

    algorithm: str
    key_id: str


@dataclass(frozen=True, slots=True)
class AccessTokenClaims:
    """What a valid access token says: for whom, by whom, for what, until when."""

    issuer: str
    subject: str
    client_id: str
    audience: tuple[str, ...]
    scope: tuple[str, ...]
    expires_at: int
    claims: Mapping[str, object] = field(repr=False)  # every claim, as issued


@dataclass(frozen=True, slots=True)
class VerificationKeys:
    """The public signing keys of one issuer, by key id, ready to verify with."""

    by_id: Mapping[str, PublicKey] = field(repr=False)

    def __contains__(self, key_id: str) -> bool:
        return key_id in self.by_id


def verification_keys(jwks: Mapping[str, object]) -> VerificationKeys:
    """The usable keys of a JWK set; what is symmetric, for encryption, unnamed or not understood is left out.

    RFC 7517 §5. Raises ValueError when the document is no JWK set at all.
    """
    listed = jwks.get("keys")
    if not isinstance(listed, list):
        raise ValueError("a JWK set without a list of keys")  # noqa: TRY004 - the document is wrong, not the call
    keys = {}
    for member in listed:
        key = _public_key(member)
        if key is not None:
            keys[str(member["kid"])] = key
    return VerificationKeys(keys)


def _public_key(member: object) -> PublicKey | None:
    if not isinstance(member, dict) or not isinstance(member.get("kid"), str):
        return None
    if member.get("kty") not in _KEY_TYPES or member.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(member)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def read_header(token: str) -> UnverifiedHeader:
    """The header of an access token that is worth a look at a key. RFC 9068 §4, RFC 8725 §3.1 and §3.11.

    Raises InvalidToken for anything but a signed JWT of type at+jwt with an allowed algorithm and a key id.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken("token longer than any we issue")
    segment, *rest = token.split(".")
    if len(rest) != 2 or len(segment) > _MAX_HEADER_LENGTH:  # noqa: PLR2004 - header.payload.signature
        raise InvalidToken("not a signed JWT in compact form")
    header = _read_object(segment)
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise InvalidToken("a JWT of another type than at+jwt")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidToken("an algorithm that is not allowed")
    if not isinstance(key_id, str):
        raise InvalidToken("a JWT that names no key")
    return UnverifiedHeader(algorithm, key_id)


def _read_object(segment: str) -> Mapping[str, object]:
    try:
        return parse_object(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, InvalidRequest):
        raise InvalidToken("a JWT header that cannot be read") from None


def verify_access_token(
    token: str, keys: VerificationKeys, *, issuer: str, audience: str, now_seconds: float, leeway_seconds: float = 0
) -> AccessTokenClaims:
    """The claims of a token that this issuer signed for this audience and that is in force now. RFC 9068 §4.

    `leeway_seconds` is what two clocks may differ by. Raises InvalidToken, each time with a reason for the log.
    """
    header = read_header(token)
    key = keys.by_id.get(header.key_id)
    if key is None:
        raise InvalidToken("signed with a key that the issuer does not publish")
    claims = _verified_payload(token, header, key)
    return check_claims(
        claims,
        issuer=issuer,
        audience=audience,
        now_seconds=now_seconds,
        leeway_seconds=leeway_seconds,
        required=_JWT_CLAIMS,
    )


def _verified_payload(token: str, header: UnverifiedHeader, key: PublicKey) -> Mapping[str, object]:
    if key.get("alg", header.algorithm) != header.algorithm:
        raise InvalidToken("signed with another algorithm than its key is for")
    try:
        payload = jws.deserialize_compact(token, key, registry=_SIGNATURES).payload
    except (JoseError, ValueError, TypeError):
        raise InvalidToken("the signature does not hold") from None
    try:
        return parse_object(payload)
    except InvalidRequest:
        raise InvalidToken("a signed payload that is no JSON object") from None


def check_claims(
    claims: Mapping[str, object],
    *,
    issuer: str,
    audience: str,
    now_seconds: float,
    leeway_seconds: float = 0,
    required: Collection[str] = ("exp", "aud", "sub", "client_id"),
) -> AccessTokenClaims:
    """Trusted claims from a verified JWT or an introspection response, checked against issuer, audience and time.

    Raises InvalidToken. A claim of the wrong type is as bad as none.
    """
    if any(name not in claims for name in required):
        raise InvalidToken("a required claim is missing")
    if claims.get("iss") != issuer:
        raise InvalidToken("issued by somebody else")
    audiences = _audiences(claims["aud"])
    if not any(same_resource(named, audience) for named in audiences):
        raise InvalidToken("issued for another audience")
    _check_times(claims, now_seconds, leeway_seconds)
    return AccessTokenClaims(
        issuer=issuer,
        subject=_text(claims["sub"]),
        client_id=_text(claims["client_id"]),
        audience=audiences,
        scope=tuple(_text(claims.get("scope", "")).split()),
        expires_at=int(_seconds(claims["exp"])),
        claims=claims,
    )


def _check_times(claims: Mapping[str, object], now_seconds: float, leeway_seconds: float) -> None:
    if now_seconds >= _seconds(claims["exp"]) + leeway_seconds:
        raise InvalidToken("expired")
    if any(_seconds(claims[name]) > now_seconds + leeway_seconds for name in ("nbf", "iat") if name in claims):
        raise InvalidToken("not in force yet")


def _audiences(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(_text(item) for item in listed)


def _seconds(value: object) -> float:
    # Not every JSON parser refuses NaN, and nothing is ever later than NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidToken("a time that is no number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidToken("a claim that is no text")
    return value
