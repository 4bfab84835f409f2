"""Style sheets, scripts and images: read once, served under a name that holds the digest of the content.

Such a URL never changes its meaning, so browsers keep it for ever (RFC 8246). Brand colours are style sheets too:
the colour is the name, so no page needs an inline style.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from server.endpoints.wire import WireResponse
from web.brand import stylesheet

if TYPE_CHECKING:
    from server.endpoints.wire import Headers

STATIC = Path(__file__).resolve().parent.parent / "static"
URL_PREFIX = "/static/"
STYLESHEET = "latchkey.css"
CONSOLE_STYLESHEET = "console.css"

_DIGEST_LENGTH = 16
_BRAND = re.compile(r"brand/([0-9a-f]{6})(?:-([0-9a-f]{6}))?\.css", re.ASCII)
_MEDIA_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}
_HEADERS: Headers = (
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # An image that is opened by itself is a document: it may do nothing.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    url: str
    media_type: bytes
    etag: str
    body: bytes = field(repr=False)


def asset_url(name: str) -> str:
    """The URL of a file by its name under static/; KeyError for a file that is not there."""
    return _assets()[name].url


def brand_url(color: str, dark_color: str | None = None) -> str:
    """The URL of the style sheet of a brand colour (six hexadecimal digits), and of another one for dark pages."""
    return f"{URL_PREFIX}brand/{color}-{dark_color}.css" if dark_color else f"{URL_PREFIX}brand/{color}.css"


def serve(path: str, if_none_match: str | None) -> WireResponse | None:
    """Answer for a path below the prefix; None when there is nothing, an outdated digest included."""
    asset = _by_url().get(URL_PREFIX + path) or _brand_asset(path)
    if asset is None:
        return None
    headers = (*_HEADERS, (b"etag", asset.etag.encode()))
    if if_none_match and asset.etag in if_none_match:
        return WireResponse(304, headers)
    return WireResponse(200, (*headers, (b"content-type", asset.media_type)), asset.body)


@lru_cache(maxsize=1)
def _assets() -> dict[str, Asset]:
    files = {STYLESHEET: _bundle("components"), CONSOLE_STYLESHEET: _bundle("components", "console")}
    for kind in ("js", "images", "vendor"):
        found = sorted(file for file in (STATIC / kind).iterdir() if file.suffix in _MEDIA_TYPES)
        files.update((f"{kind}/{file.name}", file.read_bytes()) for file in found)
    return {name: _asset(name, body) for name, body in files.items()}


@lru_cache(maxsize=1)
def _by_url() -> dict[str, Asset]:
    return {asset.url: asset for asset in _assets().values()}


def _bundle(*folders: str) -> bytes:
    """Style sheets as one: tokens, base, then every component; the cascade layers keep their order."""
    css = STATIC / "css"
    components = (file for folder in folders for file in sorted((css / folder).glob("*.css")))
    files = (css / "tokens.css", css / "base.css", *components)
    return b"\n".join(file.read_bytes() for file in files)


def _asset(name: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:_DIGEST_LENGTH]
    return Asset(f"{URL_PREFIX}{digest}/{name}", _MEDIA_TYPES[Path(name).suffix], f'"{digest}"', body)


def _brand_asset(path: str) -> Asset | None:
    found = _BRAND.fullmatch(path)
    return _asset(path, stylesheet(found[1], found[2]).encode()) if found else None
