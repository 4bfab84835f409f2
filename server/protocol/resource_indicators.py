"""The resource parameter. RFC 8707 §2.

Clients disagree about the slash of a bare host and about upper case in a host; nothing else is forgiven.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .errors import InvalidTarget
from .uris import parse_uri

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 500


def check_resource(uri: str) -> None:
    """Raise InvalidTarget for what is not an absolute URI without fragment and user information."""
    parts = parse_uri(uri) if len(uri) <= MAX_LENGTH else None
    if parts is None or parts.fragment is not None:
        raise InvalidTarget("resource is not an absolute URI without fragment")
    if parts.has_user_information:
        raise InvalidTarget("resource has user information")


def same_resource(one: str, other: str) -> bool:
    """Whether two URIs name one resource: equal but for the root slash and the case of scheme and host."""
    return _comparable(one) == _comparable(other)


def find_resource(identifiers: Iterable[str], presented: str) -> str | None:
    """The registered spelling of a presented resource, or None when it is not registered."""
    wanted = _comparable(presented)
    return next((identifier for identifier in identifiers if _comparable(identifier) == wanted), None)


def _comparable(uri: str) -> tuple[str | None, ...]:
    return _read(uri) if len(uri) <= MAX_LENGTH else (uri,)


@lru_cache(maxsize=5000)
def _read(uri: str) -> tuple[str | None, ...]:
    parts = parse_uri(uri)
    if parts is None or parts.authority is None:
        return (uri,)
    return (parts.scheme, parts.authority.lower(), parts.path or "/", parts.query, parts.fragment)
