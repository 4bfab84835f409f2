"""Worker processes, by granian: started, watched, respawned on SIGHUP, and ended with the right exit code."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from server.kernel import logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from multiprocessing.synchronize import Event

    from server.hosting import Dispatcher

    Lifespan = Callable[[], AbstractAsyncContextManager[None]]

BACKLOG = 1024
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a folder of a random name is made in it. shm_overview(7)
KILL_AFTER_SECONDS = 10
# On SIGHUP an old worker ends so long after its successor was started, which must be serving by then.
RESPAWN_AFTER_SECONDS = 10.0


def serve(host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it; exit code 1 when a worker cannot start, or the only one ends by itself."""
    logs.configure(os.environ.get("LATCHKEY_LOG_FORMAT", "text"))
    started = multiprocessing.get_context("fork").Event()
    server = Granian(
        "server.app:asgi",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        backlog=BACKLOG,
        log_level=LogLevels.warning,
        log_dictconfig=_logging(started),
        workers_kill_timeout=KILL_AFTER_SECONDS,
        # One of several is replaced; a single one would be started again and again, whatever keeps it from starting.
        respawn_failed_workers=workers > 1,
        respawn_interval=RESPAWN_AFTER_SECONDS,
    )
    with tempfile.TemporaryDirectory(prefix="latchkey-figures-", dir=_memory()) as figures:
        server.serve(target_loader=partial(load, workers, started, Path(figures)), wrap_loader=False)


def _memory() -> str | None:
    """Where files never wait for a disk, and a read-only root does not matter; None: wherever temporary files go."""
    return SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None


def load(workers: int, started: Event, figures: Path) -> Dispatcher:
    """The application of a worker process; what is wrong with its settings is said in one line."""
    # In the worker only: the process that watches stays small.
    from server.app import create_app  # noqa: PLC0415 - see above
    from server.settings import BadSettings, load_settings  # noqa: PLC0415 - see above

    from .workers import check_workers  # noqa: PLC0415 - see above

    try:
        settings = load_settings()
        check_workers(settings, workers)
    except BadSettings as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - the program's answer
        sys.exit(1)
    logs.configure(settings.log_format)
    app = create_app(settings, workers=workers, figures=figures)
    return replace(app, lifespan=partial(_telling, app.lifespan, started, settings.public_url))


@asynccontextmanager
async def _telling(lifespan: Lifespan, started: Event, public_url: str) -> AsyncIterator[None]:
    async with lifespan():
        started.set()
        logs.get_logger(__name__).info("serving", public_url=public_url)
        yield


class OnceStarted(logging.Filter):
    """Until the first worker serves, whoever failed has said so itself."""

    def __init__(self, started: Event) -> None:
        super().__init__()
        self.started = started

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - logging's signature
        """Whether the line is worth showing."""
        return self.started.is_set()


def _logging(started: Event) -> dict[str, Any]:
    """Granian's lines go where ours go. Any: the shape is that of `logging.config`."""
    silent = {"class": "logging.NullHandler"}
    return {
        "filters": {"once_started": {"()": OnceStarted, "started": started}},
        "handlers": {"console": silent, "access": silent},
        "loggers": {"_granian": {"handlers": [], "propagate": True, "filters": ["once_started"]}, "granian.access": {}},
    }
