"""Making key pairs and reading them back. RFC 7517 §4, RFC 7638 §3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from .records import Algorithm, NewSigningKey, PrivateKey, PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

_RSA_BITS = 2048


def generate(algorithm: Algorithm) -> NewSigningKey:
    """A new key pair; its `kid` is its RFC 7638 thumbprint. Slow for RS256: call it in a thread."""
    key = _generate(algorithm)
    kid = key.thumbprint()
    # Without `alg` for Ed25519: relying parties know the algorithm by one of two names (RFC 9864).
    named = {} if algorithm is Algorithm.ED25519 else {"alg": algorithm.value}
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", **named}
    return NewSigningKey(kid, algorithm, public, key.as_der(private=True))


def _generate(algorithm: Algorithm) -> ECKey | RSAKey | OKPKey:
    match algorithm:
        case Algorithm.ES256:
            return ECKey.generate_key("P-256")
        case Algorithm.RS256:
            return RSAKey.generate_key(_RSA_BITS)
        case Algorithm.ED25519:
            return OKPKey.generate_key("Ed25519")


def read_private(der: bytes) -> PrivateKey:
    """The private key of a PKCS #8 document that we sealed ourselves; raises TypeError for another kind."""
    # Checking an RSA key takes 50 ms; that it is the one we made, the seal has proved.
    key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, PrivateKey):
        raise TypeError("not a signing key")
    return key


def read_public(jwk: Mapping[str, str]) -> PublicKey:
    """The public key of a JWK that we made ourselves; raises TypeError for another kind."""
    members: dict[str, str | list[str]] = dict(jwk)
    key = JWKRegistry.import_key(members)
    public = key.public_key if isinstance(key, ECKey | RSAKey | OKPKey) else None
    if not isinstance(public, PublicKey):
        raise TypeError("not a signing key")
    return public
