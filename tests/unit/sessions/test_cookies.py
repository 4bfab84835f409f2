"""Cookie names, parsing and building."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.sessions import Browser, CookieKind, cookie_name, delete_cookie, read_browser, set_cookie

TENANT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.mark.parametrize(
    ("kind", "secure", "name"),
    [
        (CookieKind.SESSION, True, "__Host-lk-099a8057"),
        (CookieKind.BINDING, True, "__Host-lk-099a8057-b"),
        (CookieKind.DEVICE, False, "lk-099a8057-d"),
    ],
)
def test_names_carry_the_end_of_the_tenants_id(kind: CookieKind, name: str, *, secure: bool) -> None:
    assert cookie_name(TENANT, kind, secure=secure) == name


def test_behind_https_every_cookie_is_host_only_secure_and_hidden_from_scripts() -> None:
    cookie = set_cookie(TENANT, CookieKind.SESSION, "value", secure=True)
    assert cookie == "__Host-lk-099a8057=value; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert "Max-Age=0" in delete_cookie(TENANT, CookieKind.SESSION, secure=True)


def test_the_first_of_two_cookies_counts_and_overlong_ones_do_not() -> None:
    header = f"lk-099a8057=first; lk-099a8057=second; lk-099a8057-b={'x' * 300}; other=1; broken"
    assert read_browser(header, TENANT, secure=False) == Browser(session_token="first")


def test_no_cookie_header_is_an_empty_browser() -> None:
    assert read_browser(None, TENANT, secure=True) == Browser()


def test_a_browser_shows_no_secret_in_a_log() -> None:
    assert "s3cret" not in repr(read_browser("lk-099a8057=s3cret", TENANT, secure=False))
