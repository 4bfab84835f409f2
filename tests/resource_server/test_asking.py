"""Asking an authorization server that is slow, wrong, huge or not there."""

from __future__ import annotations

import logging

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.resource_server import Fetched, HttpFetcher, Introspection
from server.resource_server.discovery import ServerFacts, discover, metadata_urls
from server.resource_server.fetching import FetchFailed
from server.resource_server.routes import challenge_scope
from tests.resource_server.conftest import Protect
from tests.resource_server.serving import reserved_socket, served
from tests.support.ports import LOOPBACK, free_port

ISSUER = "https://auth.test/t/acme"


class Documents:
    """A fetcher that finds what stands in a dictionary: a status, or a document."""

    def __init__(self, documents: dict[str, bytes | int]) -> None:
        self.documents = documents
        self.asked: list[str] = []

    async def get(self, url: str) -> Fetched:
        self.asked.append(url)
        found = self.documents.get(url, 404)
        return Fetched(found, b"") if isinstance(found, int) else Fetched(200, found)

    async def post_form(self, url: str, form: object, credentials: object) -> Fetched:
        raise FetchFailed(f"nothing to introspect at {url}: {form} {credentials}")


@pytest.mark.rfc("8414", "3.1")
def test_metadata_are_looked_for_where_clients_look() -> None:
    assert metadata_urls(ISSUER) == (
        "https://auth.test/.well-known/oauth-authorization-server/t/acme",
        "https://auth.test/.well-known/openid-configuration/t/acme",
        "https://auth.test/t/acme/.well-known/openid-configuration",
    )
    assert metadata_urls("https://auth.test") == (
        "https://auth.test/.well-known/oauth-authorization-server",
        "https://auth.test/.well-known/openid-configuration",
    )


@pytest.mark.parametrize("place", metadata_urls(ISSUER))
async def test_metadata_are_found_in_each_place(place: str) -> None:
    document = b'{"issuer": "https://auth.test/t/acme", "jwks_uri": "https://keys.test/jwks"}'
    facts = await discover(ISSUER, Documents({place: document}))
    assert facts == ServerFacts("https://keys.test/jwks", None)


async def test_a_server_in_trouble_is_not_asked_elsewhere() -> None:
    first = metadata_urls(ISSUER)[0]
    documents = Documents({first: 503})
    with pytest.raises(FetchFailed):
        await discover(ISSUER, documents)
    assert documents.asked == [first]


async def test_an_issuer_without_metadata_is_asked_everywhere() -> None:
    documents = Documents({})
    with pytest.raises(FetchFailed):
        await discover(ISSUER, documents)
    assert documents.asked == list(metadata_urls(ISSUER))


@pytest.mark.parametrize(
    "document",
    [
        b"<html>",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"issuer": "https://auth.test/t/acme", "issuer": "https://auth.test/t/acme"}',
        b'{"issuer": "https://auth.test/t/other"}',
        b"{}",
        b'{"issuer": "https://auth.test/t/acme", "jwks_uri": "http://auth.test/jwks"}',
        b'{"issuer": "https://auth.test/t/acme", "jwks_uri": 7}',
    ],
    ids=lambda document: document[:60].decode("latin-1"),
)
@pytest.mark.rfc("8414", "3.3")
async def test_a_bad_document_is_not_used(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        await discover(ISSUER, Documents({metadata_urls(ISSUER)[0]: document}))


async def test_a_server_without_keys_or_introspection_cannot_be_used(protect: Protect) -> None:
    for introspection in (None, Introspection("batch", "change-me")):
        notes = await protect(introspection=introspection)
        notes.issuer.lacks = frozenset({"jwks_uri", "introspection_endpoint"})
        assert (await notes.get()).status_code == 503


async def test_keys_that_are_gone_are_an_outage(protect: Protect) -> None:
    notes = await protect()
    notes.issuer.jwks_path = "/nowhere"
    assert (await notes.get()).status_code == 503


async def test_a_server_that_is_not_there_is_a_failed_fetch() -> None:
    fetcher = HttpFetcher()
    for url in (f"http://{LOOPBACK}:{free_port()}/", "http://[bad/", "ftp://auth.test/"):
        with pytest.raises(FetchFailed):
            await fetcher.get(url)
        with pytest.raises(FetchFailed):
            await fetcher.post_form(url, {}, ("a", "b"))
    await fetcher.aclose()
    await fetcher.aclose()


async def test_huge_answers_are_not_read_and_redirects_not_followed() -> None:
    async def huge(_request: Request) -> Response:
        return Response(b" " * 600_000)

    async def moved(_request: Request) -> Response:
        return RedirectResponse("/huge")

    app = Starlette(routes=[Route("/huge", huge), Route("/moved", moved)])
    async with served(app, reserved_socket()) as origin:
        with pytest.raises(FetchFailed, match="larger"):
            await HttpFetcher().get(f"{origin}/huge")
        assert (await HttpFetcher().get(f"{origin}/moved")).status == httpx2.codes.TEMPORARY_REDIRECT


async def test_the_log_says_why_and_never_what(protect: Protect, caplog: pytest.LogCaptureFixture) -> None:
    notes = await protect()
    token = notes.token(exp=1)
    with caplog.at_level(logging.INFO, "latchkey.resource_server"):
        assert (await notes.get(token)).status_code == 401
    lines = [record.getMessage() for record in caplog.records if record.name == "latchkey.resource_server"]
    assert lines == ["refused: InvalidToken: expired"]
    assert not any(part in caplog.text for part in token.split("."))


@pytest.mark.parametrize(
    ("required", "asked"),
    [
        ((), ()),
        (("a", "a"), ("a",)),
        (("b", "a"), ("b", "a")),
        (("read", "write", "admin"), ("admin",)),
        (("write", "read", "x"), ("write", "x")),
        (("this", "that"), ("this",)),
        (("that", "this"), ("that",)),
    ],
)
@pytest.mark.checklist("2.7")
def test_a_challenge_asks_for_nothing_twice(required: tuple[str, ...], asked: tuple[str, ...]) -> None:
    implied = {"admin": ("write",), "write": ("read",), "this": ("that",), "that": ("this",)}
    assert challenge_scope(required, implied) == asked
