"""Signatures as other libraries read them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import JWKRegistry

from server.keys import Algorithm, generation
from server.keys.records import SigningKey, VerificationKey


@pytest.mark.rfc("7515", "5.1")
@pytest.mark.parametrize("algorithm", Algorithm)
def test_signature_is_good_for_another_library(algorithm: Algorithm) -> None:
    made = generation.generate(algorithm)
    key = SigningKey(made.kid, algorithm, generation.read_private(made.private_der))
    header = _encode(f'{{"alg":"{algorithm.value}"}}'.encode())
    signing_input = header + b"." + _encode(b"payload")
    text = (signing_input + b"." + _encode(key.sign(signing_input))).decode()
    public = JWKRegistry.import_key(dict(made.public_jwk))
    assert jws.deserialize_compact(text, public, algorithms=[algorithm.value]).payload == b"payload"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_damaged_signature_is_none(algorithm: Algorithm) -> None:
    made = generation.generate(algorithm)
    key = SigningKey(made.kid, algorithm, generation.read_private(made.private_der))
    public = VerificationKey(made.kid, algorithm, generation.read_public(made.public_jwk))
    signature = key.sign(b"data")
    assert public.is_signature(signature, b"data")
    for damaged in (b"", signature[:-1], signature + b"\x00", bytes(len(signature))):
        assert not public.is_signature(damaged, b"data")


@pytest.mark.rfc("9864", "2.2")
def test_ed25519_is_known_by_both_names() -> None:
    made = generation.generate(Algorithm.ED25519)
    key = VerificationKey(made.kid, Algorithm.ED25519, generation.read_public(made.public_jwk))
    assert [key.is_for(alg) for alg in ("Ed25519", "EdDSA", "ES256", "none")] == [True, True, False, False]
    assert Algorithm.named("EdDSA") is Algorithm.named("Ed25519") is Algorithm.ED25519
    assert "alg" not in made.public_jwk


def test_unknown_algorithm_is_refused() -> None:
    for name in ("none", "HS256", "es256", ""):
        with pytest.raises(ValueError, match="Algorithm"):
            Algorithm.named(name)


def test_private_parts_are_not_shown() -> None:
    made = generation.generate(Algorithm.ES256)
    key = SigningKey(made.kid, Algorithm.ES256, generation.read_private(made.private_der))
    assert "private" not in repr(made)
    assert "private" not in repr(key)


def test_key_that_is_no_signing_key_is_refused() -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TypeError):
        generation.read_private(other)
    with pytest.raises(TypeError):
        generation.read_public({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ"})


def _encode(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
