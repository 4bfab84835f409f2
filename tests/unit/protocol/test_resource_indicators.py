"""Resource indicators."""

from __future__ import annotations

import pytest

from server.protocol.errors import InvalidTarget
from server.protocol.resource_indicators import check_resource, find_resource, same_resource
from tests.unit.protocol.refusals import refused

NOT_A_URI = "resource is not an absolute URI without fragment"


@pytest.mark.checklist("1a.9")
@pytest.mark.rfc("8707", "2")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h.test", "https://h.test/"),
        ("https://h.test?x=1", "https://h.test/?x=1"),
        ("https://h.test/mcp", "HTTPS://H.TEST/mcp"),
        ("http://127.0.0.1:3001/mcp", "http://127.0.0.1:3001/mcp"),
        ("urn:example:api", "urn:example:api"),
        ("not a uri", "not a uri"),
    ],
)
def test_root_slash_and_case_of_the_host_do_not_matter(one: str, other: str) -> None:
    assert same_resource(one, other)
    assert same_resource(other, one)


@pytest.mark.rfc("8707", "2")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h.test/mcp", "https://h.test/mcp/"),
        ("https://h.test/mcp", "https://h.test/MCP"),
        ("https://h.test/mcp", "https://h.test/mcp?x=1"),
        ("https://h.test/mcp", "https://h.test/mcp?"),
        ("https://h.test/mcp", "https://h.test/mcp#x"),
        ("https://h.test/mcp", "https://h.test:443/mcp"),
        ("https://h.test/mcp", "http://h.test/mcp"),
        ("https://h.test/mcp", "https://h.test"),
        ("https://h.test/a/b", "https://h.test/a/./b"),
        ("https://h.test/%61", "https://h.test/a"),
        ("urn:example:api", "urn:example:API"),
        ("urn:example:api", "URN:example:api"),
        ("urn:x", "urn:y"),
        ("not a uri", "not a URI"),
        ("https://h.test/?x=1", "https://h.test/?x=2"),
    ],
)
def test_everything_else_matters(one: str, other: str) -> None:
    assert not same_resource(one, other)
    assert not same_resource(other, one)


def test_the_registered_spelling_is_found() -> None:
    registered = ("https://a.test/mcp", "https://h.test")
    assert find_resource(registered, "HTTPS://h.test/") == "https://h.test"
    assert find_resource(registered, "https://a.test/mcp") == "https://a.test/mcp"
    assert find_resource(registered, "https://a.test/other") is None
    assert find_resource((), "https://a.test/mcp") is None


@pytest.mark.rfc("8707", "2")
@pytest.mark.parametrize("uri", ["https://h.test/mcp?x=1", "urn:example:api", "http://127.0.0.1:3001/mcp", "urn:a@b"])
def test_absolute_uris_pass(uri: str) -> None:
    check_resource(uri)


@pytest.mark.rfc("8707", "2")
@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("", NOT_A_URI),
        ("/mcp", NOT_A_URI),
        ("h.test/mcp", NOT_A_URI),
        ("https://h.test/mcp#", NOT_A_URI),
        ("https://h.test/mcp#x", NOT_A_URI),
        ("https://h.test/ü", NOT_A_URI),
        ("https://user@h.test/mcp", "resource has user information"),
    ],
)
def test_other_texts_are_refused(uri: str, why: str) -> None:
    with refused(InvalidTarget, why):
        check_resource(uri)


def test_the_longest_resource_has_five_hundred_characters() -> None:
    uri = "https://h.test/".ljust(500, "a")
    check_resource(uri)
    with refused(InvalidTarget, NOT_A_URI):
        check_resource(uri + "a")
