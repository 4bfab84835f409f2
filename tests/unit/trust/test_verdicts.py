"""Which verdicts there may be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.trust import InvalidVerdict, Judgement, check_verdict, subject_of_client, subject_of_host
from tests.unit.trust.places import verdict

SUFFIX, SHORTENER = "a suffix below which", "a shortener or redirector"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({}, "a verdict is about"),
        ({"client_id": "x"}, "a verdict is about"),
        ({"redirect_uri": "https://a.example/"}, "a verdict is about"),
        ({"host": "a.example", "client_id": "x", "redirect_uri": "https://a.example/"}, "a verdict is about"),
        ({"client_id": "x", "redirect_uri": "http://a.example/"}, "redirect URI is http and not loopback"),
        ({"host": "A.example"}, "the host is not a plain"),
        ({"host": "*.a.example"}, "the host is not a plain"),
        ({"host": "a.example:443"}, "the host is not a plain"),
        ({"host": "localhost"}, "loopback hosts"),
        ({"host": "127.0.0.1"}, "loopback hosts"),
        ({"host": "[::1]"}, "loopback hosts"),
        ({"host": "203.0.113.7"}, "addresses cannot"),
        ({"host": "[2001:db8::1]"}, "addresses cannot"),
        ({"host": "github.io"}, SUFFIX),
        ({"host": "vercel.app"}, SUFFIX),
        ({"host": "co.uk"}, SUFFIX),
        ({"host": "bit.ly"}, SHORTENER),
        ({"host": "l.facebook.com"}, SHORTENER),
    ],
)
def test_no_such_verdict(members: Mapping[str, object], why: str) -> None:
    with pytest.raises(InvalidVerdict) as refusal:
        check_verdict(verdict(Judgement.TRUST, **members))
    assert str(refusal.value).startswith(why)


@pytest.mark.parametrize("host", ["app.example", "a.github.io", "localhost", "203.0.113.7", "github.io", "bit.ly"])
def test_what_cannot_be_trusted_can_be_blocked(host: str) -> None:
    check_verdict(verdict(Judgement.BLOCK, host=host))


def test_what_may_be_trusted() -> None:
    for members in (
        {"host": "app.example"},
        {"host": "one.github.io"},
        {"client_id": "x", "redirect_uri": "http://localhost/cb"},
    ):
        check_verdict(verdict(Judgement.TRUST, **members))


def test_subjects_are_the_same_for_any_port_of_loopback() -> None:
    assert subject_of_client("x", "http://127.0.0.1:1/cb") == subject_of_client("x", "http://127.0.0.1:2/cb")
    assert subject_of_client("x", "https://a.example:1/cb") != subject_of_client("x", "https://a.example/cb")
    assert subject_of_host("a.example") != subject_of_host("b.example")


def test_a_verdict_is_called_by_what_it_is_about() -> None:
    assert verdict(Judgement.BLOCK, host="a.example").name == "a.example"
    assert verdict(Judgement.BLOCK, client_id="x", redirect_uri="https://a.example/").name == "x https://a.example/"
