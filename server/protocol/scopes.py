"""The scope parameter. RFC 6749 §3.3; OpenID Connect Core §5.4 and §11 for the scopes about a person.

`roles` and `groups` are no specification's scopes, but ask for the claims that RFC 9068 §2.2.3.1 has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import InvalidScope

if TYPE_CHECKING:
    from collections.abc import Iterable

OPENID = "openid"
OFFLINE_ACCESS = "offline_access"
ROLES, GROUPS = "roles", "groups"
# What somebody is here, rather than who: APIs decide by it.
AFFILIATION_SCOPES = (ROLES, GROUPS)
IDENTITY_SCOPES = (OPENID, "profile", "email", "address", "phone", *AFFILIATION_SCOPES, OFFLINE_ACCESS)

_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def is_scope_name(text: str) -> bool:
    """Whether a text can be the name of one scope."""
    return _SCOPE_TOKEN.fullmatch(text) is not None


def parse_scope(text: str | None) -> tuple[str, ...]:
    """The names in the order sent, each once; superfluous spaces are forgiven. Raises InvalidScope."""
    names = tuple(dict.fromkeys(name for name in (text or "").split(" ") if name))
    if not all(map(is_scope_name, names)):
        raise InvalidScope("a scope has a character that scopes do not have")
    return names


def format_scope(names: Iterable[str]) -> str:
    """The names as the scope parameter has them."""
    return " ".join(names)
