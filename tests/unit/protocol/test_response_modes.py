"""Authorization responses in the query."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.response_modes import authorization_response_url


@pytest.mark.rfc("6749", "4.1.2")
@pytest.mark.parametrize(
    ("redirect_uri", "url"),
    [
        ("https://a.test/cb", "https://a.test/cb?code=c&state=s"),
        ("https://a.test", "https://a.test?code=c&state=s"),
        ("https://a.test/cb?x=1", "https://a.test/cb?x=1&code=c&state=s"),
        ("https://a.test/cb?x=%2f+y", "https://a.test/cb?x=%2f+y&code=c&state=s"),
        ("https://a.test/cb?", "https://a.test/cb?code=c&state=s"),
        ("https://a.test/cb?x=1&", "https://a.test/cb?x=1&code=c&state=s"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth/callback?code=c&state=s"),
        ("com.example.app:/cb", "com.example.app:/cb?code=c&state=s"),
    ],
)
def test_the_answer_joins_the_query_that_is_there(redirect_uri: str, url: str) -> None:
    assert authorization_response_url(redirect_uri, {"code": "c", "state": "s"}) == url


def test_without_an_answer_the_uri_stays_as_it_is() -> None:
    assert authorization_response_url("https://a.test/cb?x", {}) == "https://a.test/cb?x"


def test_a_space_is_written_so_that_every_decoder_reads_it() -> None:
    url = authorization_response_url("https://a.test/cb", {"state": "a b/+&#"})
    assert url == "https://a.test/cb?state=a%20b%2F%2B%26%23"


@pytest.mark.rfc("6749", "4.1.2")
@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_state_comes_back_exactly_as_it_was_sent(state: str) -> None:
    url = authorization_response_url("https://a.test/cb?x=1", {"state": state})
    assert url.isascii()
    assert parse_qsl(urlsplit(url).query, strict_parsing=True) == [("x", "1"), ("state", state)]
