"""How long an HTTP answer may be used without asking again, by a cache that many share. RFC 9111 §4.2 and §5."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIRECTIVE = re.compile(r'([A-Za-z][A-Za-z0-9_-]*)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]*)))?\s*(?:,|$)')
_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
_UNSHARED = frozenset({"no-store", "no-cache", "private"})


def freshness_seconds(headers: Mapping[str, str]) -> int:
    """The remaining lifetime in seconds, never below zero; zero when nothing is said. Header names are lower-case.

    What a shared cache may not keep has no lifetime here. A date that cannot be read is in the past (§5.3).
    """
    directives = _directives(headers.get("cache-control", ""))
    if _UNSHARED & directives.keys():
        return 0
    lifetime = next(
        (_seconds(directives[name]) for name in ("s-maxage", "max-age") if name in directives),
        _until_expiry(headers),
    )
    return max(0, lifetime - _seconds(headers.get("age", "")))


def _directives(field: str) -> dict[str, str]:
    # The first of equal ones counts (§4.2.1).
    found: dict[str, str] = {}
    for name, quoted, plain in _DIRECTIVE.findall(field):
        found.setdefault(name.lower(), quoted or plain)
    return found


def _until_expiry(headers: Mapping[str, str]) -> int:
    try:
        expires = parsedate_to_datetime(headers["expires"])
        return int((expires - parsedate_to_datetime(headers["date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return 0


def _seconds(text: str) -> int:
    stripped = text.strip()
    return int(stripped) if _SECONDS.fullmatch(stripped) else 0
