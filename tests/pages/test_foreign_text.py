"""Text that somebody else wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.foreign_text import host_of, plain, readable_host


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Notes", "Notes"),
        ("  Notes \t\r\n CLI ", "Notes CLI"),
        ("a\u202eb\u2066c\u200b\u200dd\ufeff", "abcd"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("\u3164\u2800", ""),
        ("Z" + "\u0300" * 40, "Z\u0300\u0300"),
        ("a\u2028b\u00a0c", "a b c"),
        (None, ""),
    ],
)
def test_only_visible_characters_in_one_line_remain(text: str | None, shown: str) -> None:
    assert plain(text) == shown


def test_long_text_ends_in_an_ellipsis() -> None:
    assert plain("x" * 300, 10) == "x" * 9 + "…"


@given(st.text())
def test_whatever_comes_in_one_short_printable_line_comes_out(text: str) -> None:
    line = plain(text, 50)
    assert len(line) <= 50
    assert "\n" not in line
    assert line == line.strip()


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://acme.test/terms", "acme.test"),
        ("https://acme.test:8443/terms", "acme.test:8443"),
        ("https://user@acme.test/", "acme.test"),
        ("http://acme.test/", None),
        ("javascript:alert(1)", None),
        ("https://acme.test:x/", None),
        ("https://münchen.test/", None),
        ("https://[::1", None),
        (None, None),
    ],
)
def test_only_the_host_of_an_https_link_is_shown(uri: str | None, host: str | None) -> None:
    assert host_of(uri) == host


@pytest.mark.parametrize(
    ("host", "reading"),
    [
        ("acme.test", None),
        ("xn--bcher-kva.example", "bücher.example"),
        ("xn--\x7f.example", None),
        ("xn--999999999999.example", None),
    ],
)
def test_punycode_is_read_where_it_can_be(host: str, reading: str | None) -> None:
    assert readable_host(host) == reading
