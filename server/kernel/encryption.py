"""Secrets at rest, and keys derived from the master secret.

AES-256-GCM (NIST SP 800-38D) under a key per purpose by HKDF-SHA-256 (RFC 5869). The sealed text is bound to
its purpose, tenant and record: moved to another row, it does not open.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .digests import b64url, from_b64url

if TYPE_CHECKING:
    from uuid import UUID

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = "v1"
_KEY_ID_PURPOSE = "key-id"


class Unsealable(Exception):
    """Sealed under a master secret that is not known here, for another record, or damaged."""


@dataclass(frozen=True, slots=True)
class MasterSecret:
    """What all keys come from, and the public name under which sealed texts refer to it."""

    key_id: str
    secret: bytes = field(repr=False)


_masters: tuple[MasterSecret, ...] = ()


def open_master_secrets(current: str, previous: str | None = None) -> None:
    """Take the master secret into use; the previous one still opens what was sealed under it."""
    global _masters  # noqa: PLW0603  one master secret a process, given once by the composition root
    secrets = (current,) if previous is None else (current, previous)
    _masters = tuple(_master(secret.encode()) for secret in secrets)


def derive(purpose: str) -> bytes:
    """32 bytes of key material for one purpose, from the current master secret."""
    return _derive(_known()[0].secret, purpose)


def derive_each(purpose: str) -> tuple[bytes, ...]:
    """The same for every master secret in use, current first."""
    return tuple(_derive(master.secret, purpose) for master in _known())


def seal(purpose: str, tenant_id: UUID, record_id: UUID | str, plaintext: bytes) -> str:
    """Encrypt under the current master secret: `v1.<key id>.<nonce and ciphertext>`."""
    master = _known()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_derive(master.secret, purpose)).encrypt(nonce, plaintext, _context(purpose, tenant_id, record_id))
    return f"{_VERSION}.{master.key_id}.{b64url(nonce + sealed)}"


def unseal(purpose: str, tenant_id: UUID, record_id: UUID | str, sealed: str) -> bytes:
    """Decrypt what `seal` wrote for the same purpose, tenant and record; raises Unsealable."""
    version, _, rest = sealed.partition(".")
    key_id, _, text = rest.partition(".")
    master = next((master for master in _known() if master.key_id == key_id), None)
    raw = from_b64url(text)
    if version != _VERSION or master is None or raw is None:
        raise Unsealable("sealed under a master secret that is not in use, or damaged")
    key = AESGCM(_derive(master.secret, purpose))
    try:
        return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _context(purpose, tenant_id, record_id))
    except (InvalidTag, ValueError) as error:
        raise Unsealable("sealed for another record, or damaged") from error


def is_current(sealed: str) -> bool:
    """Whether a sealed text needs no rewrapping."""
    return sealed.startswith(f"{_VERSION}.{_known()[0].key_id}.")


def is_known(sealed: str) -> bool:
    """Whether a text was sealed under a master secret that is in use, the previous one included."""
    return any(sealed.startswith(f"{_VERSION}.{master.key_id}.") for master in _known())


def _known() -> tuple[MasterSecret, ...]:
    if not _masters:
        raise RuntimeError("open_master_secrets was not called")
    return _masters


def _master(secret: bytes) -> MasterSecret:
    return MasterSecret(key_id=_derive(secret, _KEY_ID_PURPOSE)[:4].hex(), secret=secret)


@lru_cache(maxsize=64)
def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"latchkey/{_VERSION}/{purpose}".encode()).derive(secret)


def _context(purpose: str, tenant_id: UUID, record_id: UUID | str) -> bytes:
    return f"{purpose}\n{tenant_id}\n{record_id}".encode()
