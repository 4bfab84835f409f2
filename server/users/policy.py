"""Pure rules of people: what names they may have, and when two names are the same."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from server.kernel import digests, ids

from .records import User

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.tenants import Origin

_LONGEST_USERNAME = 200
_LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_LONGEST_NAME = 200
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+")
# Claims that have their own source: the person's other fields, or the token that carries them.
RESERVED_CLAIMS = frozenset({
    "sub", "iss", "aud", "exp", "nbf", "iat", "jti", "nonce", "azp", "acr", "amr", "auth_time", "at_hash", "c_hash",
    "sid", "client_id", "scope", "gid", "preferred_username", "name", "email", "email_verified", "updated_at",
    "roles", "groups",
})  # fmt: skip


class InvalidUser(ValueError):
    """A person cannot be described like this; the message says why, in one line."""


def new_user(tenant_id: UUID, username: str, *, origin: Origin, now: Instant) -> User:
    """An enabled person with a fresh subject identifier, not yet stored. OpenID Connect Core §8."""
    return User(
        id=ids.uuid7(),
        tenant_id=tenant_id,
        sub=digests.random_token(128),
        username=username,
        origin=origin,
        created_at=now,
        updated_at=now,
    )


def identifier_key(name: str) -> str:
    """The form in which usernames and addresses are compared: compatibility-normalised and case-folded."""
    folded = unicodedata.normalize("NFKC", name.strip()).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_identifier(name: str) -> bool:
    """Whether somebody could have this username or address at all."""
    key = identifier_key(name)
    return 0 < len(key) <= _LONGEST_EMAIL and name.isprintable() and key.isprintable()


def check_user(user: User, before: User | None = None) -> None:
    """Raise InvalidUser for names that cannot be stored, or that could be taken for somebody else's.

    A username with an "@" must be the person's own address, so that a sign-in name never means two people. Claims that
    they had `before`, when their names were not reserved yet, keep nobody from being changed; they are told to nobody.
    """
    if not is_identifier(user.username) or len(identifier_key(user.username)) > _LONGEST_USERNAME:
        raise InvalidUser(f"username must be 1 to {_LONGEST_USERNAME} printable characters")
    if user.email is not None and not _is_email(user.email):
        raise InvalidUser("email is not an address")
    own_address = None if user.email is None else identifier_key(user.email)
    if "@" in identifier_key(user.username) and identifier_key(user.username) != own_address:
        raise InvalidUser("a username with an @ must be the same as the person's email")
    had = before.claims.keys() if before else frozenset()
    if not RESERVED_CLAIMS.isdisjoint(user.claims.keys() - had):
        raise InvalidUser("claims may not say what Latchkey itself says, such as sub or email")
    if user.name is not None and (len(user.name) > _LONGEST_NAME or not user.name.isprintable()):
        raise InvalidUser(f"name must be at most {_LONGEST_NAME} printable characters")


def _is_email(address: str) -> bool:
    return is_identifier(address) and _EMAIL.fullmatch(identifier_key(address)) is not None
