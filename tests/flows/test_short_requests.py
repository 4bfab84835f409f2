"""Short requests are answered without ASGI: by the same rules, to the byte, and bounded like all others."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from server.endpoints.wire import WireResponse
from server.hosting import Dispatcher, ShortRequest, ShortRequests, message_of
from server.serving import connections, short_connections
from server.serving.short_connections import ShortConnection
from tests.conftest import PUBLIC_URL
from tests.support.listening import Listening, listening_for, read_to_the_end, until
from tests.support.steady_load import read_answer

Request = tuple[str, str, bytes, dict[str, str]]
HOST = urlsplit(PUBLIC_URL).netloc
SECRET = base64.b64encode(b"webapp:a-secret-of-the-web-application").decode()
FORM = {"authorization": f"Basic {SECRET}", "content-type": "application/x-www-form-urlencoded"}
JWKS: Request = ("GET", "/t/acme/jwks", b"", {})
WRONG_CODE: Request = (
    "POST",
    "/t/acme/token",
    urlencode({"grant_type": "authorization_code", "code": "x"}).encode(),
    FORM,
)
REQUESTS: tuple[Request, ...] = (
    JWKS,
    WRONG_CODE,
    ("HEAD", "/t/acme/jwks", b"", {}),
    ("GET", "/t/acme/.well-known/openid-configuration", b"", {}),
    ("GET", "/.well-known/oauth-authorization-server/t/acme", b"", {}),
    ("OPTIONS", "/t/acme/token", b"", {"origin": "https://app.test"}),
    ("GET", "/t/acme/token", b"", {}),
    ("POST", "/t/acme/introspect", urlencode({"token": "x"}).encode(), FORM),
    ("POST", "/t/acme/revoke", urlencode({"token": "x"}).encode(), FORM),
    ("GET", "/t/acme/userinfo", b"", {"authorization": "Bearer nobody"}),
    ("GET", "/t/acme/authorize?client_id=nobody&x=%00", b"", {"accept": "text/html"}),
    ("GET", "/t/nobody/jwks", b"", {}),
    ("POST", "/t/acme/register", b"{}", {"content-type": "application/json"}),
)
# What differs from one answer to the next: random or counted.
CHANGING = {"x-correlation-id", "date", "ratelimit", "content-security-policy"}


@pytest.fixture
async def listening(app: Dispatcher, issuer: str) -> AsyncIterator[Listening]:
    assert issuer
    async with listening_for(app) as made:
        yield made


def written(method: str, path: str, body: bytes, headers: dict[str, str], *more: str) -> bytes:
    fields = {"host": HOST, **headers} | ({"content-length": str(len(body))} if body else {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


def seen(request: ShortRequest | None) -> list[str]:
    return [] if request is None else [request.endpoint.name]


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The endpoints of the requests that were answered as a whole."""
    names: list[str] = []
    respond = ShortRequests.respond

    async def watched(self: ShortRequests, request: ShortRequest, body: bytes) -> WireResponse:
        names.extend(seen(request))
        return await respond(self, request, body)

    monkeypatch.setattr(ShortRequests, "respond", watched)
    return names


async def test_the_answers_are_those_that_asgi_gives(
    listening: Listening, http: httpx2.AsyncClient, answered: list[str]
) -> None:
    for method, path, body, headers in REQUESTS:
        # A browser's answer has a nonce in it: its length is compared.
        over_asgi = await http.request(method, path, content=body, headers=headers)
        reader, writer = await listening.open()
        writer.write(written(method, path, body, headers, "connection: close"))
        raw = await read_to_the_end(reader)
        writer.close()
        head, _, got = raw.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
        fields = [(name, value) for name, _, value in lines if name not in CHANGING]
        wanted = [(name, value) for name, value in over_asgi.headers.multi_items() if name not in CHANGING]
        assert head.startswith(f"HTTP/1.1 {over_asgi.status_code} ".encode()), (path, head)
        assert sorted(fields) == sorted([*wanted, ("connection", "close")]), path
        assert len(got) == len(over_asgi.content), path
    assert len(answered) == len(REQUESTS)


@pytest.mark.parametrize(
    "request_line",
    ["GET /t/acme/%6awks HTTP/1.1", "GET /healthz HTTP/1.1", "GET /t/acme/jwks HTTP/1.0", "GET /static/x HTTP/1.1"],
)
async def test_what_is_not_short_is_served_by_asgi(
    listening: Listening, answered: list[str], request_line: str
) -> None:
    answer = await listening.ask(f"{request_line}\r\nHost: {HOST}\r\n\r\n".encode())
    assert answer.status in {200, 404}
    assert answered == []


async def test_long_and_chunked_bodies_are_served_by_asgi(listening: Listening, answered: list[str]) -> None:
    method, path, body, headers = WRONG_CODE
    assert (await listening.ask(written(method, path, body + b"&x=" + b"y" * 9000, headers))).status == 400
    chunked = written(method, path, b"", headers, "transfer-encoding: chunked")
    assert (await listening.ask(chunked + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))).status == 400
    assert answered == []


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The addresses of the requests that the parser has read."""
    addresses: list[bytes] = []
    on_url = ShortConnection.on_url

    def watched(self: ShortConnection, url: bytes) -> None:
        addresses.append(url)
        on_url(self, url)

    monkeypatch.setattr(ShortConnection, "on_url", watched)
    return addresses


async def test_a_head_that_comes_again_is_not_parsed_again(listening: Listening, parsed: list[bytes]) -> None:
    reader, writer = await listening.open()
    method, path, body, headers = WRONG_CODE
    again = (method, path, body.replace(b"code=x", b"code=y"), headers)
    correlations = set()
    for request in (WRONG_CODE, again, WRONG_CODE):
        writer.write(written(*request))
        answer = await read_answer(reader)
        assert answer.status == 400
        correlations.add(answer.headers["x-correlation-id"])
    assert (len(correlations), parsed) == (3, [b"/t/acme/token"])
    for request in (JWKS, WRONG_CODE, JWKS, JWKS):
        writer.write(written(*request))
        assert (await read_answer(reader)).status == (200 if request is JWKS else 400)
    assert len(parsed) == 4  # one head is known, the last one
    writer.close()


async def test_what_is_known_of_a_connection_is_known_of_no_other(listening: Listening, parsed: list[bytes]) -> None:
    for _ in range(2):
        assert (await listening.ask(written(*JWKS))).status == 200
    assert len(parsed) == 2


async def test_a_known_head_in_pieces_or_with_more_behind_it_is_parsed(
    listening: Listening, parsed: list[bytes]
) -> None:
    reader, writer = await listening.open()
    head_and_body = written(*WRONG_CODE)
    for pieces in (
        [head_and_body],
        [head_and_body[:20], head_and_body[20:]],
        [head_and_body + head_and_body],
        [b"\r\n\r\n"],
        [b"\r\n\r\n", head_and_body],
    ):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
    assert [(await read_answer(reader)).status for _ in range(5)] == [400] * 5
    assert len(parsed) >= 4
    writer.write(b"\r\n\r\n")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reader.read(1)
    writer.close()


async def test_a_body_that_looks_like_a_known_head_is_a_body(listening: Listening) -> None:
    """Request smuggling: what was answered before its body came still has a body, and that is no request."""
    reader, writer = await listening.open()
    known = written(*JWKS)
    writer.write(known)
    assert (await read_answer(reader)).status == 200
    # The first is answered without its body, the second waits for it.
    for path, status in (("/t/acme/nothing", 404), ("/t/acme/token", 400)):
        head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {2 * len(known)}\r\n\r\n"
        writer.write(head.encode())
        await asyncio.sleep(0.1)
        writer.write(known)
        await asyncio.sleep(0.1)
        writer.write(known)
        assert (await read_answer(reader)).status == status
    with pytest.raises((TimeoutError, EOFError)):
        async with asyncio.timeout(0.3):
            await read_answer(reader)
    writer.close()


@pytest.mark.rfc("9110", "7.8")
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_another_protocol_that_is_offered_is_not_taken(listening: Listening, *, is_chunked: bool) -> None:
    """What Java's own client sends over cleartext: a body is still a body, and no request (smuggling once more)."""
    known = written(*JWKS)
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(known), known) if is_chunked else known
    framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(known)}"
    for method, path, status in (
        ("POST", "/t/acme/token", 400),
        ("POST", "/t/acme/jwks", 405),
        ("GET", "/healthz", 200),
    ):
        reader, writer = await listening.open()
        offer = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade, HTTP2-Settings\r\n{framing}\r\n"
        head = f"{offer}HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n\r\n".encode()
        whole = head + body
        # Whole, in two pieces wherever they may be parted, and with another request behind it.
        for pieces in ([whole], [head, body], [whole[:40], whole[40:]], [head[:-2], head[-2:] + body + known]):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.02)
            assert (await read_answer(reader)).status == status
        assert (await read_answer(reader)).status == 200
        writer.write(known)
        assert b"keys" in (await read_answer(reader)).body
        writer.close()


@pytest.mark.rfc("9110", "7.8")
async def test_as_many_offers_as_fit_into_one_piece_are_as_many_requests(listening: Listening) -> None:
    reader, writer = await listening.open()
    offer = f"GET /t/acme/jwks HTTP/1.1\r\nHost: {HOST}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    writer.write(offer.encode() * 50)
    assert [(await read_answer(reader)).status for _ in range(50)] == [200] * 50
    writer.write(f"CONNECT {HOST} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert (await read_to_the_end(reader)).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_answers_come_in_the_order_of_the_requests(listening: Listening) -> None:
    reader, writer = await listening.open()
    slow = b"GET /healthz HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n"
    writer.write(written(*JWKS) + written(*WRONG_CODE) + slow + written(*JWKS) + slow + slow + written(*WRONG_CODE))
    answers = [await read_answer(reader) for _ in range(7)]
    assert [answer.status for answer in answers] == [200, 400, 200, 200, 200, 200, 400]
    assert [b"keys" in answer.body for answer in answers] == [True, False, False, True, False, False, False]
    writer.close()


async def test_a_request_may_come_in_pieces_but_not_for_ever(
    listening: Listening, answered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await listening.open()
    for byte in written(*WRONG_CODE):
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert (await read_answer(reader)).status == 400
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.1)
    writer.write(written(*WRONG_CODE)[:-1])
    assert await read_to_the_end(reader) == b""
    assert answered == ["token"]
    writer.close()


async def test_a_connection_stays_idle_after_a_short_answer(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await listening.open()
    for _ in range(2):
        writer.write(written(*JWKS))
        assert (await read_answer(reader)).status == 200
        monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
        await asyncio.sleep(0.7)  # longer than a head may take to come
    listening.server.config.timeout_keep_alive = 0
    writer.write(written(*JWKS))
    assert (await read_answer(reader)).status == 200
    assert await read_to_the_end(reader) == b""
    writer.close()


class Held:
    """Holds answers back until told."""

    def __init__(self) -> None:
        self.release = asyncio.Event()

    async def respond(self, _request: ShortRequest, _body: bytes) -> WireResponse:
        await self.release.wait()
        return WireResponse(200, (), b"done")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    made = Held()
    monkeypatch.setattr(ShortRequests, "respond", made.respond)
    return made


async def test_draining_finishes_short_requests_and_says_so(listening: Listening, held: Held) -> None:
    answering = asyncio.create_task(listening.ask(written(*JWKS)))
    await until(lambda: bool(listening.state.tasks))
    listening.drain()
    held.release.set()
    answer = await answering
    assert (answer.body, answer.headers["connection"]) == (b"done", "close")


async def test_draining_answers_short_requests_on_idle_connections_and_closes_them(listening: Listening) -> None:
    reader, writer = await listening.open()
    writer.write(written(*JWKS))
    assert "connection" not in (await read_answer(reader)).headers
    listening.drain()
    writer.write(written(*JWKS))
    answer = await read_answer(reader)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await read_to_the_end(reader) == b""
    writer.close()


async def test_too_many_short_requests_are_told_to_come_again(
    listening: Listening, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_connections, "MAX_IN_FLIGHT", 1)
    answering = asyncio.create_task(listening.ask(written(*JWKS)))
    await until(lambda: bool(listening.state.tasks))
    assert (await listening.ask(written(*JWKS))).status == 503
    held.release.set()
    assert (await answering).status == 200


async def test_bodies_that_come_at_the_same_moment_are_bounded_too(
    listening: Listening, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_connections, "MAX_IN_FLIGHT", 1)
    streams = [await listening.open() for _ in range(3)]
    for _, writer in streams:
        writer.write(written(*WRONG_CODE)[:-1])
    await until(lambda: len(listening.state.connections) == 3)
    await until(lambda: [getattr(one, "exchange", None) for one in listening.state.connections].count(None) == 0)
    for _, writer in streams:
        writer.write(WRONG_CODE[2][-1:])
    await until(lambda: len(listening.state.connections) == 1)
    held.release.set()
    answers = [await read_answer(reader) for reader, _ in streams]
    assert sorted(answer.status for answer in answers) == [200, 503, 503]
    for _, writer in streams:
        writer.close()


async def test_who_leaves_before_the_answer_leaves_nothing_behind(listening: Listening, held: Held) -> None:
    _, writer = await listening.open()
    writer.write(written(*JWKS))
    await until(lambda: bool(listening.state.tasks))
    writer.transport.abort()
    await until(lambda: not listening.state.connections)
    held.release.set()
    await until(lambda: not listening.state.tasks)


async def test_what_nobody_foresaw_is_a_500_and_the_end_of_the_connection(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def split(*_: object) -> WireResponse:
        return WireResponse(200, ((b"location", b"x\r\nset-cookie: a=b"),))

    monkeypatch.setattr(ShortRequests, "respond", split)
    answer = await listening.ask(written(*JWKS))
    assert (answer.status, answer.headers) == (500, {"content-length": "0", "connection": "close"})


def test_no_field_of_an_answer_becomes_two(app: Dispatcher) -> None:
    requests = app.short_requests
    assert requests is not None
    scope: dict[str, object] = {
        "method": "GET",
        "path": "/t/acme/jwks",
        "query_string": b"",
        "headers": [(b"host", HOST.encode())],
    }
    request = cast("ShortRequest", requests.read(scope))
    for value in (b"a\nb", b"a\rb", b"a\0b"):
        with pytest.raises(ValueError, match="no field has"):
            message_of(request.head, WireResponse(200, ((b"x", value),)), ())
