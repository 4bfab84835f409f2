"""Streams that are open while a test looks, and administrators who lose what they read them with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from server import grants, users
from server.administration import Operator, administrators, streams
from server.administration import users as user_acts
from server.kernel import clock
from server.roles import AdminRole
from server.tenants import Tenant

OPERATOR = Operator.at_the_command_line("test")
LOSSES = ("role", "account", "grant")
T = TypeVar("T")


@asynccontextmanager
async def opened(*requests: Coroutine[None, None, T]) -> AsyncIterator[list[asyncio.Task[T]]]:
    """These requests once each has a stream open; tails that are still open are ended then."""
    tasks = [asyncio.create_task(request) for request in requests]
    try:
        async with asyncio.timeout(120):
            while streams.open_now() < len(tasks):  # noqa: ASYNC110 - in a moment, and nothing tells when
                await asyncio.sleep(0.01)
        yield tasks
    finally:
        streams.end_tails()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert streams.open_now() == 0


async def lose(loss: str, system: Tenant, acme: Tenant) -> None:
    """Take from the auditor of `acme` what the console and the API ask for."""
    auditor = await users.find_by_identifier(system.id, "auditor")
    assert auditor is not None
    match loss:
        case "role":
            await administrators.take(OPERATOR, system, auditor.id, AdminRole.AUDITOR, tenant=acme, now=clock.now())
        case "account":
            await user_acts.update(OPERATOR, system, auditor, replace(auditor, enabled=False), clock.now())
        case _:
            await grants.revoke_for_user(system.id, auditor.id, clock.now())


def interrupted(
    app: Callable[..., Awaitable[None]], happen: Callable[[], Awaitable[None]]
) -> Callable[..., Awaitable[None]]:
    """The application, where something happens once the first piece of a stream has left."""

    async def serve(scope: object, receive: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
        pending = [happen]

        async def tell(message: dict[str, object]) -> None:
            await send(message)
            if message.get("more_body") and message.get("body") and streams.open_now() and pending:
                await pending.pop()()

        await app(scope, receive, tell)

    return serve


def left_alone(app: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The application, whose reader goes away only when the stream is open."""

    async def serve(scope: object, receive: Callable[[], Awaitable[dict[str, object]]], send: object) -> None:
        async def wait() -> dict[str, object]:
            message = await receive()
            while message["type"] == "http.disconnect" and streams.open_now() == 0:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
            return message

        await app(scope, wait, send)

    return serve
