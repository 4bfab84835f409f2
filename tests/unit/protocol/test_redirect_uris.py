"""Redirect URIs: the hard rules and the one matcher."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.protocol.errors import InvalidRedirectUri
from server.protocol.redirect_uris import (
    DANGEROUS_SCHEMES,
    MAX_LENGTH,
    check_redirect_uri,
    is_loopback,
    is_private_use,
    matches,
    origin_of,
    without_loopback_port,
)
from tests.unit.protocol.refusals import refused

# Callbacks of clients in use.
KNOWN = [
    "https://claude.ai/api/mcp/auth_callback",
    "https://chatgpt.com/connector/oauth/abc_123",
    "http://127.0.0.1/",
    "http://127.0.0.1:33418/",
    "https://vscode.dev/redirect",
    "http://localhost:3118/callback",
    "http://localhost:7777/oauth/callback",
    "http://localhost",
    "http://[::1]:53211/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "com.example.app:/oauth2redirect",
    "com.example.app:opaque@part",
    "myapp://",
]

NOT_A_URI = "redirect URI is not an absolute URI of plain characters"
NO_HOST = "redirect URI has user information, or a doubtful host or port"
NOT_LOOPBACK = "redirect URI is http and not loopback"
DANGEROUS = "redirect URI has a dangerous scheme"
USER = "redirect URI has user information"
ENCODED = "redirect URI has an encoded control character"
FRAGMENT = "redirect URI has a fragment"
WILDCARD = "redirect URI has a wildcard"


@pytest.mark.checklist("1c.18")
@pytest.mark.rfc("8252", "7")
@pytest.mark.parametrize("uri", [*KNOWN, "https://a.test:8443/cb?x=1", "HTTPS://A.TEST/", "https://[2001:db8::1]/cb"])
def test_callbacks_of_clients_in_use_pass(uri: str) -> None:
    check_redirect_uri(uri)


@pytest.mark.checklist("1c.19")
@pytest.mark.rfc("9700", "4.11.2")
@pytest.mark.parametrize("scheme", sorted(DANGEROUS_SCHEMES))
def test_dangerous_schemes_are_refused_in_any_case(scheme: str) -> None:
    for spelling in (scheme, scheme.upper(), scheme.title()):
        with refused(InvalidRedirectUri, DANGEROUS):
            check_redirect_uri(f"{spelling}://a.test/cb")


@pytest.mark.parametrize(
    "scheme",
    ["javascript", "data", "vbscript", "file", "blob", "about", "ws", "wss", "view-source", "mailto", "urn", "intent"],
)
def test_the_worst_schemes_are_among_the_dangerous_ones(scheme: str) -> None:
    assert scheme in DANGEROUS_SCHEMES


@pytest.mark.checklist("1c.18")
@pytest.mark.rfc("6749", "3.1.2")
@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("", NOT_A_URI),
        ("/cb", NOT_A_URI),
        ("//a.test/cb", NOT_A_URI),
        ("a.test", NOT_A_URI),
        ("https://a.test/c b", NOT_A_URI),
        ("https://a.test/cb\n", NOT_A_URI),
        ("java\nscript:alert(1)", NOT_A_URI),
        ("https://a.test\\.evil.test/", NOT_A_URI),
        ("https://ä.test/", NOT_A_URI),
        ("https://a.test/%zz", NOT_A_URI),
        ("https://a.test/cb#", FRAGMENT),
        ("https://a.test/cb#x", FRAGMENT),
        ("cursor://x/#y", FRAGMENT),
        ("https://*.a.test/cb", WILDCARD),
        ("https://a.test/*", WILDCARD),
        ("https://a.test/cb?x=*", WILDCARD),
        ("cursor:*", WILDCARD),
        ("https://a.test/%0d%0aSet-Cookie:x", ENCODED),
        ("https://a.test/%00", ENCODED),
        ("https://a.test/%1F", ENCODED),
        ("https://a.test/%7f", ENCODED),
        ("https://a.test/%7F", ENCODED),
        ("javascript:alert%281%29", DANGEROUS),
        ("data:text/html,x", DANGEROUS),
        ("urn:ietf:wg:oauth:2.0:oob", DANGEROUS),
        ("http://a.test/cb", NOT_LOOPBACK),
        ("http://127.0.0.2/cb", NOT_LOOPBACK),
        ("http://0.0.0.0/cb", NOT_LOOPBACK),
        ("http://10.0.0.1/cb", NOT_LOOPBACK),
        ("http://[::]/cb", NOT_LOOPBACK),
        ("http://[::ffff:127.0.0.1]/cb", NO_HOST),
        ("http://[0:0:0:0:0:0:0:1]/cb", NO_HOST),
        ("http://localhost.evil.test/cb", NOT_LOOPBACK),
        ("http://a.localhost/cb", NOT_LOOPBACK),
        ("http://127.0.0.1.evil.test/cb", NOT_LOOPBACK),
        ("http://localhost./cb", NO_HOST),
        ("http://127.1/cb", NO_HOST),
        ("http://2130706433/cb", NO_HOST),
        ("http://0x7f.0.0.1/cb", NO_HOST),
        ("http://127.0.0.1:80@evil.test/cb", NO_HOST),
        ("https://user:pw@a.test/cb", NO_HOST),
        ("https://%61.test/cb", NO_HOST),
        ("https://a.test:99999/cb", NO_HOST),
        ("https:a.test", NO_HOST),
        ("https:///cb", NO_HOST),
        ("cursor://user@x/cb", USER),
        ("c:/windows/cb", "redirect URI looks like a path with a drive letter"),
        ("cursor:", "redirect URI is nothing but a scheme"),
        ("cursor:?x", "redirect URI is nothing but a scheme"),
        ("https://a.test/" + "a" * MAX_LENGTH, "redirect URI is too long"),
    ],
)
def test_hard_rules_refuse(uri: str, why: str) -> None:
    with refused(InvalidRedirectUri, why):
        check_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri", ["https://a.test/%20", "https://a.test/%7E", "https://a.test/%2F", "https://a.test/%80"]
)
def test_other_encoded_characters_pass(uri: str) -> None:
    check_redirect_uri(uri)


def test_the_longest_redirect_uri_has_two_thousand_characters() -> None:
    uri = "https://a.test/".ljust(2000, "a")
    check_redirect_uri(uri)
    with refused(InvalidRedirectUri, "redirect URI is too long"):
        check_redirect_uri(uri + "a")


@given(st.text())
def test_any_text_passes_or_is_refused(text: str) -> None:
    try:
        check_redirect_uri(text)
    except InvalidRedirectUri:
        return
    assert text.isascii()
    assert text.isprintable()
    assert not set(text) & set(' #*\\"<>')
    assert origin_of(text)


@pytest.mark.checklist("1c.17")
@pytest.mark.rfc("9700", "4.1.3")
@pytest.mark.parametrize("uri", KNOWN)
def test_a_redirect_uri_matches_itself(uri: str) -> None:
    assert matches(uri, uri)


@pytest.mark.checklist("1c.17")
@pytest.mark.rfc("8252", "7.3")
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
@pytest.mark.parametrize("rest", ["", "/", "/callback", "/cb?x=1", "?x=1"])
def test_a_loopback_uri_matches_with_any_port(host: str, rest: str) -> None:
    ports = ["", ":1", ":80", ":53211", ":65535"]
    for registered in ports:
        for presented in ports:
            assert matches(f"http://{host}{registered}{rest}", f"http://{host}{presented}{rest}")


@pytest.mark.checklist("1c.17")
@pytest.mark.rfc("9700", "4.1.3")
@pytest.mark.parametrize(
    ("registered", "presented"),
    [
        ("https://a.test/cb", "https://a.test/cb/"),
        ("https://a.test/cb", "https://a.test/CB"),
        ("https://a.test/cb", "https://A.test/cb"),
        ("https://a.test/cb", "HTTPS://a.test/cb"),
        ("https://a.test/cb", "https://a.test:443/cb"),
        ("https://a.test/cb", "https://a.test:8443/cb"),
        ("https://a.test/cb", "https://a.test/cb?x=1"),
        ("https://a.test/cb", "https://a.test/cb#x"),
        ("https://a.test/cb", "https://a.test/./cb"),
        ("https://a.test/cb", "https://a.test/%63b"),
        ("https://a.test", "https://a.test/"),
        ("https://a.test/", "https://a.test/cb"),
        ("https://localhost/cb", "https://localhost:8443/cb"),
        ("https://127.0.0.1/cb", "https://127.0.0.1:8443/cb"),
        ("http://localhost/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1/cb", "http://[::1]/cb"),
        ("http://127.0.0.1/cb", "http://localhost:1/cb"),
        ("http://127.0.0.1/cb", "https://127.0.0.1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb2"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb?x"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb#x"),
        ("http://127.0.0.1/", "http://127.0.0.1:1"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.test/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1@evil.test/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:01/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:-1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1.evil.test:1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1.evil.test/cb"),
        ("http://127.0.0.1/cb", "http://127a0.0.1:1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1\\evil.test/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb\n"),
        ("http://localhost/cb", "http://localhost:\uff11/cb"),
        ("http://localhost/cb", "http://localho\u017ft:1/cb"),
        ("http://localhost/cb", "http://LOCALHOST:1/cb"),
        ("http://localhost.test/cb", "http://localhost.test:1/cb"),
        ("cursor://x/cb", "cursor://x:1/cb"),
    ],
)
def test_nothing_but_the_port_of_loopback_may_differ(registered: str, presented: str) -> None:
    assert not matches(registered, presented)
    assert not matches(presented, registered)


@given(st.sampled_from(KNOWN), st.text(max_size=30))
def test_a_text_that_matches_a_registered_uri_keeps_the_hard_rules(registered: str, tail: str) -> None:
    for presented in (registered + tail, tail, f"http://127.0.0.1:{tail}/", f"http://localhost:{tail}"):
        if matches(registered, presented):
            check_redirect_uri(presented)
            assert origin_of(presented) == origin_of(registered)


@given(
    st.integers(1, 65535), st.integers(1, 65535), st.sampled_from(["a.test", "127.0.0.2", "localhost.test", "[::2]"])
)
def test_ports_count_everywhere_else(one: int, other: int, host: str) -> None:
    assume(one != other)
    assert not matches(f"http://{host}:{one}/cb", f"http://{host}:{other}/cb")


def test_only_a_loopback_port_is_left_out() -> None:
    assert without_loopback_port("http://localhost:3118/callback?x=1") == "http://localhost/callback?x=1"
    assert without_loopback_port("HTTP://LocalHost:3118/cb") == "HTTP://LocalHost/cb"
    assert without_loopback_port("http://[::1]:3118") == "http://[::1]"
    assert without_loopback_port("https://localhost:3118/cb") == "https://localhost:3118/cb"


@pytest.mark.rfc("8252", "8.6")
@pytest.mark.parametrize(
    ("uri", "loopback", "private_use"),
    [
        ("http://127.0.0.1:1/cb", True, False),
        ("http://localhost/cb", True, False),
        ("HTTP://LOCALHOST/cb", True, False),
        ("http://[::1]/cb", True, False),
        ("https://localhost:3000/cb", True, False),
        ("https://a.test/cb", False, False),
        ("https://localhost.a.test/cb", False, False),
        ("http://127.0.0.1:80@evil.test/cb", False, False),
        ("cursor://localhost/cb", False, True),
        ("com.example.app:/cb", False, True),
        ("not a uri", False, False),
    ],
)
def test_kinds_of_destination(uri: str, loopback: bool, private_use: bool) -> None:
    assert is_loopback(uri) is loopback
    assert is_private_use(uri) is private_use


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://A.test/cb?x=1", "https://a.test"),
        ("HTTPS://a.test:443/cb", "https://a.test"),
        ("https://a.test:8443/cb", "https://a.test:8443"),
        ("https://a.test:80/cb", "https://a.test:80"),
        ("http://a.test:80/cb", "http://a.test"),
        ("http://a.test:443/cb", "http://a.test:443"),
        ("https://[2001:DB8::1]:1/cb", "https://[2001:db8::1]:1"),
        ("http://127.0.0.1:53211/cb", "http://127.0.0.1"),
        ("https://localhost:3000/cb", "https://localhost"),
        ("Cursor://anysphere.cursor-mcp/cb", "cursor:"),
        ("com.example.app:/cb", "com.example.app:"),
    ],
)
def test_an_origin_says_who_is_sent_the_answer(uri: str, origin: str) -> None:
    assert origin_of(uri) == origin


@pytest.mark.parametrize(
    ("uri", "why"), [("cb", "no origin: not an absolute URI"), ("https://user@a.test/", NO_HOST), ("https:x", NO_HOST)]
)
def test_what_is_no_redirect_uri_has_no_origin(uri: str, why: str) -> None:
    with refused(InvalidRedirectUri, why):
        origin_of(uri)
