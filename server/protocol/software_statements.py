"""Software statements: metadata of a client that somebody else answers for, as a signed JWT. RFC 7591 §2.3."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from joserfc import jws
from joserfc.errors import JoseError

from .errors import InvalidRequest, InvalidSoftwareStatement, UnapprovedSoftwareStatement
from .json_documents import parse_object
from .jwt import ALGORITHMS, verification_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .jwt import PublicKey

MAX_LENGTH = 8192
_MAX_HEADER_LENGTH = 680
_SIGNATURES = jws.JWSRegistry(algorithms=ALGORITHMS)


def read_software_statement(
    statement: str, issuers: Mapping[str, Mapping[str, object]], *, audience: str, now_seconds: float
) -> Mapping[str, object]:
    """The claims of a statement that one of these issuers, each with its JWK set, has signed.

    Raises UnapprovedSoftwareStatement for another issuer, InvalidSoftwareStatement for what does not hold. Statements
    about a kind of software often never expire, so times count only where they are given.
    """
    segments = statement.split(".")
    if len(statement) > MAX_LENGTH or len(segments) != 3 or len(segments[0]) > _MAX_HEADER_LENGTH:  # noqa: PLR2004 - header.payload.signature
        raise InvalidSoftwareStatement("not a signed JWT in compact form")
    unverified_issuer = _read_object(segments[1]).get("iss")
    jwks = issuers.get(unverified_issuer) if isinstance(unverified_issuer, str) else None
    if jwks is None:
        raise UnapprovedSoftwareStatement("of an issuer that this tenant does not know")
    claims = _verified_claims(statement, _read_object(segments[0]), jwks)
    _check_claims(claims, audience, now_seconds)
    return claims


def _verified_claims(statement: str, header: Mapping[str, object], jwks: Mapping[str, object]) -> Mapping[str, object]:
    key = _chosen_key(header, jwks)
    if key.get("alg") not in {None, header.get("alg")}:
        raise InvalidSoftwareStatement("signed with another algorithm than its key is for")
    try:
        return parse_object(jws.deserialize_compact(statement, key, registry=_SIGNATURES).payload)
    except (JoseError, ValueError, TypeError, InvalidRequest):
        raise InvalidSoftwareStatement("the signature does not hold") from None


def _chosen_key(header: Mapping[str, object], jwks: Mapping[str, object]) -> PublicKey:
    """The key that the header names; an issuer with a single key need not name it."""
    keys = verification_keys(jwks).by_id
    key_id = header.get("kid")
    if key_id is None and len(keys) == 1:
        return next(iter(keys.values()))
    key = keys.get(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise InvalidSoftwareStatement("signed with a key that the tenant does not know")
    return key


def _check_claims(claims: Mapping[str, object], audience: str, now_seconds: float) -> None:
    expires_at, starts_at = _seconds(claims, "exp"), _seconds(claims, "nbf")
    if expires_at is not None and now_seconds >= expires_at:
        raise InvalidSoftwareStatement("expired")
    if starts_at is not None and now_seconds < starts_at:
        raise InvalidSoftwareStatement("not in force yet")
    named = claims.get("aud", audience)
    if audience not in (named if isinstance(named, list) else [named]):
        raise InvalidSoftwareStatement("meant for somebody else")


def _seconds(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidSoftwareStatement(f"{name} is no time")
    return value


def _read_object(segment: str) -> Mapping[str, object]:
    try:
        return parse_object(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, InvalidRequest):
        raise InvalidSoftwareStatement("a part that cannot be read") from None
