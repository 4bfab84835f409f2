"""Checkpoints: signed statements of how far a tenant's chain has come, to be kept elsewhere.

Compact JWS with EdDSA (RFC 7515 §7.1, RFC 8037 §3.1) under a key of the chain; the public part stands in the header,
so that anybody can check the signature, and compare the key with that of an earlier checkpoint.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.kernel.digests import b64url, from_b64url, hmac_sha256, sha256
from server.kernel.json import dump_json, load_json

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

TYPE = "latchkey-checkpoint+jws"


class ForeignCheckpoint(ValueError):
    """No checkpoint of this chain: damaged, forged, of another tenant, or of a chain that stood here before."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is stated. `events` have been sealed so far, the last of them `last_event`, with seal `number`."""

    tenant: str
    number: int
    events: int
    last_event: str
    digest: str  # of the seal, base64url
    time: Instant
    previous: str | None  # the SHA-256 of the checkpoint before, base64url

    @classmethod
    def read(cls, members: object) -> Self:
        """A checkpoint from its JSON; raises TypeError for what is none."""
        if not isinstance(members, dict):
            raise TypeError("not an object")
        return cls(**members)


def sign(key: bytes, checkpoint: Checkpoint) -> str:
    """The signed text."""
    private = _private(key)
    header = dump_json({"alg": "EdDSA", "typ": TYPE, "jwk": _public(key)})
    signing_input = f"{b64url(header.encode())}.{b64url(dump_json(asdict(checkpoint)).encode())}"
    return f"{signing_input}.{b64url(private.sign(signing_input.encode()))}"


def verify(key: bytes, tenant_id: UUID, signed: str) -> Checkpoint:
    """What a text states that this tenant's chain signed; raises ForeignCheckpoint."""
    signing_input, _, signature = signed.strip().rpartition(".")
    header, _, payload = signing_input.partition(".")
    try:
        if load_json(from_b64url(header) or b"") != {"alg": "EdDSA", "typ": TYPE, "jwk": _public(key)}:
            raise ForeignCheckpoint("the checkpoint is signed by another key than this chain's")
        _private(key).public_key().verify(from_b64url(signature) or b"", signing_input.encode())
        checkpoint = Checkpoint.read(load_json(from_b64url(payload) or b""))
    except InvalidSignature:
        raise ForeignCheckpoint("the checkpoint's signature is wrong") from None
    except (ValueError, TypeError) as error:
        if isinstance(error, ForeignCheckpoint):
            raise
        raise ForeignCheckpoint("this is no checkpoint") from None
    if checkpoint.tenant != str(tenant_id):
        raise ForeignCheckpoint("the checkpoint is of another tenant")
    return checkpoint


def fingerprint(signed: str) -> str:
    """How the next checkpoint names this one."""
    return b64url(sha256(signed))


@lru_cache(maxsize=4_000)
def _private(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hmac_sha256(key, "checkpoint"))


@lru_cache(maxsize=4_000)
def _public(key: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64url(_private(key).public_key().public_bytes_raw())}
