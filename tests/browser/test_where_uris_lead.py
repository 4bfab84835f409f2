"""The host that was judged is the host that a browser goes to, whatever a redirect URI looks like.

Every accepted URI is read by Chromium's own parser (the WHATWG URL standard): thousands in one evaluation.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from playwright.async_api import Browser, Page

from server.protocol.errors import InvalidRedirectUri
from server.trust import Target, TargetKind, target_of

READ = """uris => uris.map((uri) => {
  try { const { protocol, hostname, username, password } = new URL(uri);
        return [protocol, hostname, username + password]; } catch { return null; }
})"""
HOSTS = (
    "example.com", "EXAMPLE.com", "a.b.c.d.example", "xn--bcher-kva.example", "xn--pple-43d.com", "xn--example-.com",
    "xn--a.com", "XN--BCHER-KVA.example", "xn--zca.example", "xn--.com", "xn--fa-hia.de", "xn--a-ecp.ru", "xn--0.pt",
    "xn--1ch.example", "xn--example-6q4ce.com", "xn--xn--a-.com", "xn--ls8h.example", "xn--nxasmm1c.com", "xn---.com",
    "xn--xn---.example", "xn--aa---.example", "xn--ab-.xn--cd-.example", "a--b.example", "-a.example", "a-.example",
    "_a.example", "127.0.0.1", "[::1]", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "1.2.3.4", "1.2.3",
    "1.2.3.4.5", "1.2.3.08", "255.255.255.255", "256.1.1.1", "0x1", "example.0x1", "example.1", "a.1.b",
    "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "[2001:db8::1]", "[1:2:3:4:5:6:7:8]", "[::1%25eth0]", "[::1.2.3.4]",
    "example.com.", "example..com", ".example.com", "ex%61mple.com", "example%2ecom", "ex*mple.com", "ex ample.com",
    "example.com@evil.test", "evil.test#example.com", "evil.test?example.com", "evil.test\\example.com", "a@b@c.test",
    "user:pass@example.com", "example.com:80", "example.com:443", "example.com:0", "example.com:65535",
    "example.com:65536", "example.com:00080", "example.com:", "example.com:8a", "localhost.", "LOCALHOST",
    "loc%61lhost",
    "a" * 63 + ".test", "a" * 64 + ".test", ".".join(["abcdefgh"] * 29),
    "bücher.example", "\uff45xample.com", "ex\u00adample.com",
)  # fmt: skip
SCHEMES = (
    "https",
    "http",
    "HTTPS",
    "hTTp",
    "https ",
    " https",
    "ht\ttps",
    "app",
    "com.example.app",
    "javascript",
    "ws",
)
SLASHES = ("://", ":/", ":", ":///", ":\\\\", "://\\", ":////", ":/\\")
ENDS = (
    "",
    "/",
    "/cb",
    "?a=b",
    "#f",
    "\\@evil.test",
    "/@evil.test",
    "/..//evil.test",
    "//evil.test",
    "/%2e%2e/",
    "\t/",
    "/;a",
)

hosts = st.one_of(
    st.sampled_from(HOSTS),
    st.text("abxn-.0123456789:@%[]\\/_?#é", min_size=1, max_size=24),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=16).map(lambda text: f"xn--{text}.example"),
    st.lists(st.sampled_from(("0", "1", "08", "0x1", "0xg", "127", "256", "a", "")), min_size=1, max_size=6).map(
        ".".join
    ),
    st.lists(st.sampled_from(("0", "1", "ffff", "", "::", "1.2.3.4", "g")), max_size=9).map(
        lambda p: f"[{':'.join(p)}]"
    ),
    st.text("abcäöß\u0430\u043e\u0440\u200d\u3002", min_size=1, max_size=8).map(
        lambda text: f"xn--{text.encode('punycode').decode()}.test"
    ),
)
uris = st.builds(
    lambda *parts: "".join(parts),
    st.one_of(st.sampled_from(("https", "https", "http")), st.sampled_from(SCHEMES)),
    st.one_of(st.just("://"), st.sampled_from(SLASHES)),
    hosts,
    st.one_of(st.sampled_from(ENDS), st.text(max_size=8)),
)


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    page = await chromium.new_page()
    yield page
    await page.close()


def collect(count: int) -> list[str]:
    """Many generated URIs, in one list: a browser is asked once."""
    found: list[str] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=InMemoryExampleDatabase(),
        suppress_health_check=list(HealthCheck),
    )
    @given(uris)
    def gather(uri: str) -> None:
        found.append(uri)

    gather()
    return found


def judged(candidates: list[str]) -> dict[str, Target]:
    """Those that pass the hard rules, each with what was made of it."""
    targets = dict[str, Target]()
    for uri in candidates:
        try:
            targets[uri] = target_of(uri)
        except InvalidRedirectUri:
            continue
    return targets


async def test_a_browser_goes_to_the_host_that_was_judged(page: Page) -> None:
    listed = [
        f"{scheme}{slashes}{host}{end}" for scheme in SCHEMES for slashes in SLASHES for host in HOSTS for end in ENDS
    ]
    targets = judged([*listed, *collect(4000)])
    read = await page.evaluate(READ, list(targets))
    assert len(targets) > 1000
    differing = {
        uri: (target.scheme, target.host, found)
        for (uri, target), found in zip(targets.items(), read, strict=True)
        if not agrees(target, found)
    }
    assert differing == {}


def agrees(target: Target, found: list[str] | None) -> bool:
    """Whether the browser leads where we said; one that it cannot read leads nowhere."""
    if found is None:
        return True
    protocol, hostname, user_information = found
    if protocol != f"{target.scheme}:" or user_information:
        return False
    if target.kind is TargetKind.PRIVATE_USE:
        return True
    origin = re.sub(r":\d+$", "", target.origin.removeprefix(f"{target.scheme}://"))
    return hostname == target.host == origin
