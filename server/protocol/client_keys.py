"""The public keys of a client, which it publishes or registers to sign assertions with. RFC 7591 §2, RFC 7517."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from .errors import InvalidClientMetadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_documents import JsonValue
    from .metadata_members import Members

PublicKey: TypeAlias = RSAKey | ECKey | OKPKey

MAX_KEYS = 20
MAX_KEY_SET = 16 * 1024  # characters
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
# RFC 7518 §6: what only the owner of a key may know.
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LEAST_RSA_BITS = 2048
_MOST_RSA_BITS = 8192


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a client's keys are: in its metadata, as JSON, or at an address; never both."""

    jwks: str | None = field(repr=False)
    jwks_uri: str | None

    def __bool__(self) -> bool:
        return self.jwks is not None or self.jwks_uri is not None


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key that signatures are checked with, under its id where it has one."""

    key_id: str | None
    key: PublicKey = field(repr=False)


def read_key_source(members: Members) -> KeySource:
    """The `jwks` or `jwks_uri` of client metadata; raises InvalidClientMetadata."""
    key_set, uri = members.document.get("jwks"), members.link("jwks_uri")
    if uri is not None and not uri.startswith("https://"):
        raise InvalidClientMetadata("jwks_uri is not https")
    if key_set is None:
        return KeySource(None, uri)
    if uri is not None:
        raise InvalidClientMetadata("both jwks and jwks_uri")
    if not isinstance(key_set, dict):
        raise InvalidClientMetadata("jwks is no JWK set")
    _check_public(key_set)
    if not client_keys(key_set):
        raise InvalidClientMetadata("jwks has no key that could be used")
    text = json.dumps(key_set, sort_keys=True)
    if len(text) > MAX_KEY_SET:
        raise InvalidClientMetadata("jwks is too large")
    return KeySource(text, None)


def stored_key_set(value: JsonValue) -> str | None:
    """The `jwks` of stored metadata, as it is kept in the record."""
    return None if value is None else json.dumps(value, sort_keys=True)


def client_keys(key_set: Mapping[str, object]) -> tuple[ClientKey, ...]:
    """The usable keys of a JWK set: for signatures, asymmetric, and understood. All others are left out (§5)."""
    listed = key_set.get("keys")
    members = listed[:MAX_KEYS] if isinstance(listed, list) else []
    return tuple(key for key in map(_client_key, members) if key is not None)


def _check_public(key_set: Mapping[str, object]) -> None:
    listed = key_set.get("keys")
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise InvalidClientMetadata("jwks has no list of keys, or too many")
    if any(isinstance(member, dict) and _SECRET_MEMBERS & member.keys() for member in listed):
        raise InvalidClientMetadata("jwks has a key that is secret")


def _client_key(member: object) -> ClientKey | None:
    if not isinstance(member, dict) or member.get("kty") not in _KEY_TYPES or _SECRET_MEMBERS & member.keys():
        return None
    if member.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(member)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    key_id = member.get("kid")
    if not isinstance(key, RSAKey | ECKey | OKPKey) or not _is_sound(key):
        return None
    return ClientKey(key_id if isinstance(key_id, str) else None, key)


def _is_sound(key: PublicKey) -> bool:
    """Neither so short that it can be broken, nor so long that checking costs more than it proves."""
    return not isinstance(key, RSAKey) or _LEAST_RSA_BITS <= key.public_key.key_size <= _MOST_RSA_BITS
