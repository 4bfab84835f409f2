"""`latchkey serve`.

This process only starts and watches the workers: it loads nothing of the server itself.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import socket
import sys

import click

from server.kernel import logs
from server.serving import supervisor


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=9000, show_default=True, type=click.IntRange(1, 65535), help="Where to listen.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--migrate", is_flag=True, help="Bring the database up to date first.")
@click.option("--demo", is_flag=True, help="Seed the demo tenant and an administrator; on loopback only.")
def command(host: str, *, port: int, workers: int, migrate: bool, demo: bool) -> None:
    """Serve. Migrations are checked, not run, unless --migrate."""
    listener = _bind(host, port)
    if migrate or demo:
        _prepare(migrate=migrate, demo=demo, workers=workers)
    logs.configure(os.environ.get("LATCHKEY_LOG_FORMAT", "text"))
    sys.exit(supervisor.supervise(listener, workers))


def _bind(host: str, port: int) -> socket.socket:
    """The socket that workers will listen at: not yet, since nobody serves."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        why = f"cannot be listened at: {error.strerror}"
        if error.errno == errno.EADDRINUSE:
            why = "is in use by another program: end that one, or choose another port with --port"
        raise click.ClickException(f"{host} port {port} {why}") from None
    return listener


def _prepare(*, migrate: bool, demo: bool, workers: int) -> None:
    options = {"migrate": migrate, "demo": demo, "workers": workers}
    preparing = multiprocessing.get_context("fork").Process(target=_run_preparation, kwargs=options)
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise click.exceptions.Exit(1)


def _run_preparation(*, migrate: bool, demo: bool, workers: int) -> None:
    from .preparation import prepare  # noqa: PLC0415 - in the child only

    prepare(migrate=migrate, demo=demo, workers=workers)
