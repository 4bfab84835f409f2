"""What a client may take of a worker: a real uvicorn with our connections, and clients that speak bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

import pytest

from server.serving import connections, short_connections
from tests.support.listening import Listening, listening_for, read_to_the_end, until
from tests.support.steady_load import read_answer

Message = MutableMapping[str, object]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Slow:
    """An application: `/slow` answers when `release` is set, `/large` with more than a socket holds."""

    def __init__(self) -> None:
        self.release = asyncio.Event()

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["path"] == "/slow":
            await self.release.wait()
        while (await receive()).get("more_body"):
            pass
        body = b"x" * (64 << 20 if scope["path"] == "/large" else 2)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body"})


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def listening(slow: Slow) -> AsyncIterator[Listening]:
    async with listening_for(slow) as made:
        yield made
        slow.release.set()


async def test_request_is_answered_without_a_banner(listening: Listening) -> None:
    answer = await listening.ask(GET)
    assert (answer.status, answer.body) == (200, b"xx")
    assert "server" not in answer.headers


async def test_pipelined_requests_are_answered_in_order(listening: Listening) -> None:
    reader, writer = await listening.open()
    writer.write(GET * 5)
    assert [(await read_answer(reader)).status for _ in range(5)] == [200] * 5
    writer.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * connections.MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * connections.MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * connections.MAX_FIELDS + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", 400),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
    ],
    ids=["address", "field", "fields", "smuggled", "length", "space", "connect", "tls"],
)
async def test_head_that_should_not_be_is_refused(listening: Listening, head: bytes, status: int) -> None:
    answer = await listening.ask(head)
    assert (answer.status, answer.headers["connection"]) == (status, "close")


async def test_field_without_end_is_refused_while_it_arrives(listening: Listening) -> None:
    reader, writer = await listening.open()
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
    try:
        for _ in range(100):
            writer.write(b"a" * 4096)
            await writer.drain()
            await asyncio.sleep(0)
        assert (await read_answer(reader)).status == 431
    except ConnectionError:  # what was sent after the refusal has reset the connection
        pass
    finally:
        writer.close()
    assert listening.state.total_requests == 0


async def test_message_without_end_is_cut_off(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_MESSAGE_BYTES", 100_000)
    reader, writer = await listening.open()
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        writer.write(b"400\r\n" + b"a" * 1024 + b"\r\n")
    assert await read_to_the_end(reader) == b""
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"\r\n", GET + b"GET", GET + b"\r\n"])
async def test_request_that_does_not_come_to_an_end_is_not_waited_for(
    listening: Listening, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)  # a busy machine reads a head within it
    reader, writer = await listening.open()
    for byte in sent:
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    answered = await read_to_the_end(reader)
    writer.close()
    assert answered.count(b"200 OK") == sent.count(GET)


async def test_idle_connection_is_closed(listening: Listening) -> None:
    listening.server.config.timeout_keep_alive = 0
    reader, writer = await listening.open()
    writer.write(GET)
    assert (await read_answer(reader)).status == 200
    assert await read_to_the_end(reader) == b""
    writer.close()


async def test_client_that_does_not_read_is_cut_off(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READ_SECONDS", 0.1)
    _, writer = await listening.open()
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket is read, too
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: bool(listening.state.connections))
    await until(lambda: not listening.state.connections)
    writer.transport.abort()


async def test_too_many_requests_in_flight_are_told_to_come_again(
    slow: Slow, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_connections, "MAX_IN_FLIGHT", 1)
    answering = asyncio.create_task(listening.ask(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"))
    await until(lambda: bool(listening.state.tasks))
    refused = await listening.ask(GET)
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    slow.release.set()
    assert (await answering).status == 200
    assert (await listening.ask(GET)).status == 200


async def test_too_many_connections_are_told_to_come_again(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    _, first = await listening.open()
    await until(lambda: bool(listening.state.connections))
    refused = await listening.ask(b"")
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    first.close()


async def test_draining_answers_what_comes_on_idle_connections_and_closes_them(listening: Listening) -> None:
    reader, writer = await listening.open()
    writer.write(GET)
    assert "connection" not in (await read_answer(reader)).headers
    listening.drain()
    writer.write(GET)
    answer = await read_answer(reader)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await read_to_the_end(reader) == b""
    writer.close()


async def test_draining_finishes_what_is_in_flight(
    slow: Slow, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "DRAIN_SECONDS", 0)
    idle_reader, idle = await listening.open()
    answering = asyncio.create_task(listening.ask(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"))
    await until(lambda: bool(listening.state.tasks))
    listening.drain()
    assert await read_to_the_end(idle_reader) == b""
    slow.release.set()
    answer = await answering
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    idle.close()
