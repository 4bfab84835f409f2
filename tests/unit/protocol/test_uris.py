"""URIs, read as a browser reads them or not at all."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.protocol.uris import Location, Uri, find_location, is_web_uri, parse_uri

SLOW = 2  # seconds of processor time; quadratic work takes minutes at these sizes
CHARACTERS = "ABCxyz019-._~:/?#[]@!$&'()*+,;=%"


def location_of(text: str) -> Location | None:
    uri = parse_uri(text)
    assert uri is not None
    return find_location(uri)


@pytest.mark.rfc("3986", "3")
@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("https://a.test", Uri("https", "a.test", "", None, None)),
        ("HTTPS://A.test:1/B?C#D", Uri("https", "A.test:1", "/B", "C", "D")),
        ("https://a.test/?#", Uri("https", "a.test", "/", "", "")),
        ("https://a.test?x=/y?z", Uri("https", "a.test", "", "x=/y?z", None)),
        ("https://a.test#x/y?z", Uri("https", "a.test", "", None, "x/y?z")),
        ("com.example.app:/cb", Uri("com.example.app", None, "/cb", None, None)),
        ("urn:example:api", Uri("urn", None, "example:api", None, None)),
        ("app://", Uri("app", "", "", None, None)),
        ("app:", Uri("app", None, "", None, None)),
        ("a+b-c.d1:x", Uri("a+b-c.d1", None, "x", None, None)),
        ("x:%20", Uri("x", None, "%20", None, None)),
    ],
)
def test_components_are_told_apart(text: str, uri: Uri) -> None:
    assert parse_uri(text) == uri


@pytest.mark.rfc("3986", "2")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "/cb",
        "//a.test/cb",
        "a.test/cb",
        ":x",
        "1a:x",
        "a_b:x",
        "https://a.test/\n",
        "https://a.te\tst/",
        "https://a.test/ b",
        " https://a.test/",
        "https://a.test\\@b.test/",
        "https://ä.test/",
        "https://a.test/%",
        "https://a.test/%2",
        "https://a.test/%2g",
        "https://a.test/%%41",
        'https://a.test/"',
        "https://a.test/<",
        "https://a.test/{id}",
        "https://a.test/|",
        "https://a.test/^",
        "https://a.test/`",
        "https://a.test/\x00",
        "https://a.test/\x7f",
    ],
)
def test_what_is_no_absolute_uri_of_plain_characters_is_nothing(text: str) -> None:
    assert parse_uri(text) is None


@given(st.text(CHARACTERS))
@example("a://b?c#d")
def test_where_something_is_read_the_standard_library_reads_the_same(text: str) -> None:
    uri = parse_uri(text)
    if uri is None:
        return
    try:
        parts = urlsplit(text)
    except ValueError:  # it looks into brackets, which find_location does here
        return
    assert (uri.scheme, uri.authority or "", uri.path) == (parts.scheme, parts.netloc, parts.path)
    assert (uri.query or "", uri.fragment or "") == (parts.query, parts.fragment)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("https://a.test", Location("a.test", None)),
        ("https://A.TEST:8443/x", Location("a.test", 8443)),
        ("http://localhost:1/", Location("localhost", 1)),
        ("http://127.0.0.1:65535/", Location("127.0.0.1", 65535)),
        ("http://[::1]:9/", Location("[::1]", 9)),
        ("https://[2001:DB8::1]/", Location("[2001:db8::1]", None)),
        ("https://xn--bcher-kva.test/", Location("xn--bcher-kva.test", None)),
        ("https://a_b.test/", Location("a_b.test", None)),
        ("https://1.2.3.4.test/", Location("1.2.3.4.test", None)),
        ("https://0x.test/", Location("0x.test", None)),
        ("https://127.0.0.1a/", Location("127.0.0.1a", None)),
        (f"https://{'a' * 63}.test/", Location(f"{'a' * 63}.test", None)),
        (f"https://{'a.' * 126}a/", Location(f"{'a.' * 126}a", None)),
    ],
)
def test_a_definite_host_is_found(text: str, location: Location) -> None:
    assert location_of(text) == location


@pytest.mark.parametrize(
    "text",
    [
        "https:a.test",
        "https:/a.test",
        "https:///a.test",
        "https://",
        "https://:80/",
        "https://a.test:/",
        "https://a.test:0/",
        "https://a.test:080/",
        "https://a.test:65536/",
        "https://a.test:123456/",
        "https://a.test:x/",
        "https://a.test:80:80/",
        "http://127.0.0.1:80@evil.test/",
        "https://user@a.test/",
        "https://@a.test/",
        "https://a.test%2f.evil.test/",
        "https://%61.test/",
        "https://a.test./",
        "https://.a.test/",
        "https://a..test/",
        "https://a,b.test/",
        "https://*.a.test/",
        f"https://{'a' * 64}.test/",
        f"https://{'a.' * 126}aa/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0X7F.1/",
        "http://0x/",
        "http://a.0x7f/",
        "http://127.0.0.256/",
        "http://127.0.0.01/",
        "http://1.2.3.4.5/",
        "https://a.test.1/",
        "https://[::1/",
        "https://::1/",
        "https://[::1]x/",
        "https://[127.0.0.1]/",
        "https://[:::]/",
        "https://[::1%25eth0]/",
        "https://[v1.x]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::1.2.3.4]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[2001:0db8::1]/",
        "https://[]/",
        "ftp://a.test/",
        "com.example.app://a.test/",
    ],
)
def test_a_doubtful_host_is_no_location(text: str) -> None:
    assert location_of(text) is None


@pytest.mark.parametrize("text", ["https://a.test/about", "http://a.test"])
def test_a_web_uri_has_a_definite_host(text: str) -> None:
    assert is_web_uri(text)


@pytest.mark.parametrize("text", ["", "a.test", "javascript:alert(1)", "https://", "mailto:ada@acme.test"])
def test_other_texts_are_no_web_uris(text: str) -> None:
    assert not is_web_uri(text)


@pytest.mark.parametrize(
    "text", ["a" * 500_000, "a:" + "%41" * 200_000 + "%", "https://" + "a." * 250_000, "a:" + "[" * 500_000]
)
def test_a_long_text_costs_no_more_than_its_length(text: str) -> None:
    started = time.process_time()
    is_web_uri(text)
    assert time.process_time() - started < SLOW
