"""Names as people see them: decoded, mixed, and taken for others. UTS 39."""

from __future__ import annotations

import pytest

from server.trust import domains, known_domains, names
from server.trust.listed import listed


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("app.example", "app.example"),
        ("xn--bcher-kva.example", "b\u00fccher.example"),
        ("xn--80aswg.xn--p1ai", "\u0441\u0430\u0439\u0442.\u0440\u0444"),
        ("xn--99999999.example", "xn--99999999.example"),
    ],
)
def test_decoded(host: str, text: str) -> None:
    assert names.decoded(host) == text


@pytest.mark.parametrize(
    ("text", "mixes"),
    [
        ("app.example", False),
        ("b\u00fccher", False),  # Latin
        ("\u0441\u0430\u0439\u0442", False),  # Cyrillic
        ("\u0441\u0430\u0439\u0442-7", False),
        ("\u0441\u0430\u0439\u0442.example", False),  # each label by itself
        ("\u0430pple", True),  # Cyrillic and Latin
        ("\u03b1pple", True),  # Greek and Latin
        ("\u03b1\u0430", True),  # Greek and Cyrillic
        ("\u65e5\u672c\u3072\u30ab", False),  # Han, Hiragana, Katakana
        ("abc\u65e5\u672c\u3072\u30ab", False),  # Latin with Japanese
        ("abc\u4e2d\u3105", False),  # Latin with Han and Bopomofo
        ("abc\ud55c\u4e2d", False),  # Latin with Korean
        ("\ud55c\u3072", True),  # Hangul and Hiragana
        ("abc\ud55c\u3072", True),
        ("\u30fc\u3072", False),  # a mark that Hiragana and Katakana share
        ("\u0e01\u0e02", False),  # Thai
        ("a\u0e01", True),
        ("\U00040000", False),  # a character of no script that is known here, alone
        ("a\U00040000", True),
        ("\u0661\u0662", False),  # digits of Arabic alone
    ],
)
def test_mixes_scripts(text: str, mixes: bool) -> None:
    assert names.mixes_scripts(text) is mixes


@pytest.mark.parametrize(
    ("host", "known", "found"),
    [
        ("acme.test", "acme.test", None),
        ("www.acme.test", "acme.test", None),
        ("acne.test", "acme.test", "acme.test"),
        ("acrne.test", "acme.test", "acme.test"),
        ("cme.test", "acme.test", "acme.test"),
        ("aacme.test", "acme.test", "acme.test"),
        ("acem.test", "acme.test", None),  # two characters
        ("ab.test", "ac.test", None),  # too short to tell
        ("abc.test", "abd.test", "abd.test"),
        ("xn--bcher-kva.test", "xn--bcher-kva.test", None),
        ("xn--bchr-0ra.test", "xn--bcher-kva.test", "b\u00fccher.test"),
        ("203.0.113.8", "203.0.113.7", None),
    ],
)
def test_lookalike_of_a_tenants_domain(host: str, known: str, found: str | None) -> None:
    assert names.find_lookalike(host, frozenset({known})) == found


def test_nothing_that_is_known_looks_like_another() -> None:
    assert {domain: names.find_lookalike(domain, frozenset()) for domain in known_domains()} == dict.fromkeys(
        known_domains()
    )


def test_lists_hold_registrable_domains_in_lower_case() -> None:
    assert {domain for domain in known_domains() if domains.registrable_domain(domain) != domain} == set()
    assert len(known_domains()) >= 300
    assert len(listed("shorteners.txt")) >= 100
    assert {host for host in listed("shorteners.txt") if host != host.lower() or "/" in host} == set()
    assert known_domains() & listed("shorteners.txt") == frozenset()


def test_what_people_sign_in_with_is_no_shared_hosting() -> None:
    assert {domain for domain in known_domains() if domains.is_shared_hosting(domain)} == set()


@pytest.mark.parametrize(
    ("host", "registrable"),
    [
        ("a.b.app.example", "app.example"),
        ("a.app.co.uk", "app.co.uk"),
        ("a.one.github.io", "one.github.io"),
        ("github.io", "github.io"),
        ("203.0.113.7", "203.0.113.7"),
        ("[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_registrable_domain(host: str, registrable: str) -> None:
    assert domains.registrable_domain(host) == registrable
