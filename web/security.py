"""What protects a page: its headers, and proof that a form comes from the page that was drawn.

Content Security Policy Level 3; RFC 9700 §4.16 (clickjacking); Fetch Metadata for the second belt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.kernel import digests, encryption

if TYPE_CHECKING:
    from server.endpoints.wire import Headers
    from server.interactions import Visit

CSRF_FIELD = "csrf"
CSRF_PURPOSE = "csrf"

_FIXED_HEADERS: Headers = (
    (b"cache-control", b"no-store"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex"),
)


def page_headers(nonce: str, *, leads_out: bool, own_forms: bool = False, image_uri: str | None = None) -> Headers:
    """The headers of a page. `leads_out`: a form or a link on it ends at a client; `own_forms`: they all end here.

    Chromium and Safari apply `form-action` to the redirect after a POST too, so such pages go without it; and a
    client that opened the page in a window of its own still holds that window.
    """
    images = "'self'" if image_uri is None else f"'self' {_origin(image_uri)}"
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src {images}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    if leads_out:
        return (*_FIXED_HEADERS, (b"content-security-policy", policy.encode("ascii")))
    # The console's scripts ask for parts of its pages, and one of its pages frames another.
    policy += "; form-action 'self'; connect-src 'self'; frame-src 'self'" if own_forms else "; form-action 'none'"
    return (
        *_FIXED_HEADERS,
        (b"content-security-policy", policy.encode("ascii")),
        (b"cross-origin-opener-policy", b"same-origin"),
    )


def preview_headers(nonce: str, image_uri: str | None) -> Headers:
    """The headers of a page that is only looked at, in a frame of the console: nothing on it runs, sends or leads away.

    It keeps its origin, without which the browser would not give it our style sheets. Its logo may not be stored yet.
    """
    images = "'self' data:" if image_uri is None or image_uri.startswith("data:") else f"'self' {_origin(image_uri)}"
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src {images}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-same-origin"
    )
    kept = tuple(header for header in _FIXED_HEADERS if header[0] != b"x-frame-options")
    return (*kept, (b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", policy.encode("ascii")))


def csrf_token(visit: Visit, subject: str, step: str) -> str:
    """The token of one step's form for this browser; another after every login and logout.

    `subject` is the interaction's handle, or the page's name where there is none.
    """
    return _token(encryption.derive(CSRF_PURPOSE), visit, subject, step)


def is_csrf_token(presented: str, visit: Visit, subject: str, step: str) -> bool:
    """Whether a form was drawn for this browser and this step; tokens of the former master secret still count."""
    keys = encryption.derive_each(CSRF_PURPOSE)
    return any(digests.equal(presented, _token(key, visit, subject, step)) for key in keys)


def is_own_request(site: str | None, origin: str | None, own_uri: str) -> bool:
    """Whether a POST comes from one of our own pages, as its Sec-Fetch-Site and Origin say.

    A second belt: browsers that say nothing pass, for the token is what counts. `Origin` is "null" on our own
    forms, since our pages send no referrer; then only `Sec-Fetch-Site` can tell.
    """
    if site is not None:
        return site in {"same-origin", "none"}
    return origin in {None, "null", _origin(own_uri)}


def _token(key: bytes, visit: Visit, subject: str, step: str) -> str:
    browser = visit.browser
    cookies = (browser.binding or "", browser.session_token or "")
    return digests.b64url(digests.hmac_sha256(key, visit.tenant.id.bytes, *cookies, subject, step))


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}".lower()
