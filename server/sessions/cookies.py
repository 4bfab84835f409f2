"""Cookie names, parsing and building: one set a tenant, never readable by script.

RFC 6265bis §4.1.3.2 (`__Host-`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from server.kernel.clock import SECOND

from .records import Browser

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Duration

# What we put into cookies: base64url, in parts. Everything else is somebody else's, and must not come back out of here.
_OWN_VALUE = re.compile(r"[\w.-]{1,200}", re.ASCII)


class CookieKind(StrEnum):
    """What a cookie is for; the value is the end of its name."""

    SESSION = ""
    BINDING = "-b"  # ties interactions to this browser
    DEVICE = "-d"  # this browser has signed this person in before
    CONSOLE = "-c"  # an administrator is signed in to the console; of the system tenant only, like those below
    SIGN_IN = "-s"  # ties the console's own requests to /authorize to this browser
    NOTICE = "-n"  # what the next page of the console says of what was just done
    PAGE_SIZE = "-p"  # how many lines the console's lists show


def cookie_name(tenant_id: UUID, kind: CookieKind, *, secure: bool) -> str:
    """The tenant's cookie name: the last 8 characters of its id, the random end of a UUIDv7."""
    prefix = "__Host-" if secure else ""
    return f"{prefix}lk-{tenant_id.hex[-8:]}{kind}"


def read_browser(cookie_header: str | None, tenant_id: UUID, *, secure: bool) -> Browser:
    """What the Cookie header holds for this tenant; values that we never set count as absent."""
    if not cookie_header:
        return Browser()
    cookies: dict[str, str] = {}
    for pair in cookie_header.split(";"):
        name, _, value = pair.strip().partition("=")
        if _OWN_VALUE.fullmatch(value):
            cookies.setdefault(name, value)
    return Browser(
        binding=cookies.get(cookie_name(tenant_id, CookieKind.BINDING, secure=secure)),
        session_token=cookies.get(cookie_name(tenant_id, CookieKind.SESSION, secure=secure)),
        device=cookies.get(cookie_name(tenant_id, CookieKind.DEVICE, secure=secure)),
        console=cookies.get(cookie_name(tenant_id, CookieKind.CONSOLE, secure=secure)),
        sign_in=cookies.get(cookie_name(tenant_id, CookieKind.SIGN_IN, secure=secure)),
        notice=cookies.get(cookie_name(tenant_id, CookieKind.NOTICE, secure=secure)),
        page_size=cookies.get(cookie_name(tenant_id, CookieKind.PAGE_SIZE, secure=secure)),
    )


def set_cookie(tenant_id: UUID, kind: CookieKind, value: str, *, secure: bool, max_age: Duration | None = None) -> str:
    """A Set-Cookie value; without `max_age` the cookie lives as long as the browser's session."""
    parts = [f"{cookie_name(tenant_id, kind, secure=secure)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age // SECOND}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)


def delete_cookie(tenant_id: UUID, kind: CookieKind, *, secure: bool) -> str:
    """A Set-Cookie value that removes the cookie."""
    return set_cookie(tenant_id, kind, "", secure=secure, max_age=0)
