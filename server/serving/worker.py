"""A process that serves: `python -m server.serving.worker LISTENER CHANNEL WORKERS FIGURES`.

The first two are sockets that it inherits, the last is the folder where all workers tell what they counted.

It says on the channel when it serves. SIGTERM, and the end of the process that watches, have it finish what is in
flight and end.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from server.app import create_app
from server.kernel import logs
from server.settings import BadSettings, load_settings

from .agreement import BACKLOG, FINISH_SECONDS, READY
from .connections import IDLE_SECONDS, Connection
from .short_connections import State
from .workers import check_workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.hosting import Dispatcher

# So many objects more than before are made before the youngest are looked through.
YOUNG_OBJECTS = 20_000


class Server(uvicorn.Server):
    """Uvicorn's server, which talks with the process that watches."""

    def __init__(self, app: Dispatcher, channel: socket.socket, public_url: str) -> None:
        super().__init__(_configuration(app))
        self._operations = app.operations
        self.server_state: State = State()
        self._channel = channel
        self._public_url = public_url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open what requests need, listen, and say so."""
        await super().startup(sockets)
        settle_memory()
        # Until now whoever failed has said so itself; uvicorn's own lines, but for failures, are not worth reading.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        asyncio.get_running_loop().add_reader(self._channel, self._end)
        self._channel.send(READY)
        logs.get_logger(__name__).info("serving", public_url=self._public_url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is in flight; connections that are accepted at this very moment are served, too."""
        self.server_state.draining = True
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Only the process that watches says when to end: a terminal sends its signals to everybody."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end)
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        yield

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._channel)
        self._operations.stop()
        self.should_exit = True


def settle_memory() -> None:
    """Leave what lives as long as the process out of garbage collection, and have the rest collected more rarely.

    A full collection among everything that is imported stops every request for tens of milliseconds, and hardly
    anything that requests make is in a cycle: what is not, is freed at once all the same.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)


def main(listener: int, channel: int, workers: int, figures: Path) -> None:
    """Serve until told to end; exit code 1 when it cannot start."""
    try:
        settings = load_settings()
        check_workers(settings, workers)
    except BadSettings as error:
        sys.exit(f"Error: {error}")
    logs.configure(settings.log_format)
    app = create_app(settings, workers=workers, figures=figures)
    _serve(Server(app, socket.socket(fileno=channel), settings.public_url), socket.socket(fileno=listener))


def _serve(server: Server, listener: socket.socket) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.access").propagate = False
    uvloop.run(server.serve(sockets=[listener]))


def _configuration(app: Dispatcher) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="on",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # ours to judge: LATCHKEY_TRUSTED_PROXIES
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
