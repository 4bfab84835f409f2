"""Keys ready for use. RFC 7518 §3, RFC 8037 §3.1, RFC 9864 §2."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey
PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey

_SHA256 = SHA256()
_ECDSA = ECDSA(_SHA256)
_PKCS1 = padding.PKCS1v15()
_COORDINATE = 32  # octets of r and of s on P-256


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many keys are not under the current master secret: under the previous one, and under none that is known."""

    under_previous: int
    under_unknown: int


class NoSuchKey(Exception):
    """A tenant has no key of a kind that every tenant is created with."""


class Algorithm(StrEnum):
    """What a key is for."""

    ES256 = "ES256"
    RS256 = "RS256"
    ED25519 = "Ed25519"

    @classmethod
    def named(cls, name: str) -> Self:
        """The algorithm of a JWS `alg`, the older spelling of Ed25519 included; raises ValueError."""
        return cls("Ed25519" if name == "EdDSA" else name)

    @property
    def names(self) -> frozenset[str]:
        """Every JWS `alg` that means this algorithm."""
        return frozenset({"Ed25519", "EdDSA"} if self.value == "Ed25519" else {self.value})


class KeyState(StrEnum):
    """The life of a signing key."""

    ANNOUNCED = "announced"  # published, does not sign yet
    ACTIVE = "active"
    RETIRING = "retiring"  # signs no more, published until its last token has expired
    RETIRED = "retired"  # its public part still recognizes an ID token that comes back as a hint


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An active key pair."""

    kid: str
    algorithm: Algorithm
    private: PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """A JWS signature: r and s side by side for ES256, PKCS #1 v1.5 for RS256."""
        if isinstance(self.private, EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private.sign(data, _ECDSA))
            return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, _PKCS1, _SHA256)
        return self.private.sign(data)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """The public part of a key that signed at some time."""

    kid: str
    algorithm: Algorithm
    public: PublicKey = field(repr=False)
    is_retired: bool = False  # whoever gets hold of it later must not be able to make anything that counts

    def is_for(self, alg: str) -> bool:
        """Whether a JWS with this `alg` can be under this key."""
        return alg in self.algorithm.names

    def is_signature(self, signature: bytes, data: bytes) -> bool:
        """Whether this key made the signature over the data."""
        try:
            self._verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def _verify(self, signature: bytes, data: bytes) -> None:
        if isinstance(self.public, EllipticCurvePublicKey):
            if len(signature) != 2 * _COORDINATE:
                raise InvalidSignature
            r, s = signature[:_COORDINATE], signature[_COORDINATE:]
            encoded = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
            self.public.verify(encoded, data, _ECDSA)
        elif isinstance(self.public, RSAPublicKey):
            self.public.verify(signature, data, _PKCS1, _SHA256)
        else:
            self.public.verify(signature, data)


@dataclass(frozen=True, slots=True)
class MacKey:
    """What authenticates the references that a tenant hands out: its codes and refresh tokens."""

    kid: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewSigningKey:
    """A key pair that was generated just now; `private_der` is PKCS #8."""

    kid: str
    algorithm: Algorithm
    public_jwk: Mapping[str, str]
    private_der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A signing key as rotation sees it."""

    tenant_id: UUID
    kid: str
    algorithm: Algorithm
    state: KeyState
    activates_at: Instant


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """A signing key with its place on the timeline."""

    kid: str
    algorithm: Algorithm
    state: KeyState
    created_at: Instant
    activates_at: Instant
    retires_at: Instant | None
