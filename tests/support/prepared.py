"""Commands of `latchkey` in processes of their own that need not load the program first: that takes a second each time.

One process loads it, and forks for each command: the same code in the same kind of process, with arguments,
environment, folder and streams as given. `serve`, and whatever changes how Python itself starts, starts anew.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECT = Path(__file__).parents[2]
_READ_AT_START = ("PYTHONPATH", "LD_PRELOAD")
_MAX_ORDER = 1 << 20  # bytes
_STREAMS = 3


class Order(TypedDict):
    """What is to be run; stdin, stdout and stderr come beside it."""

    arguments: list[str]
    environment: dict[str, str]
    directory: str


def can_run(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether a fork does as well as a start."""
    is_alike = all(environment.get(name) == os.environ.get(name) for name in _READ_AT_START)
    return is_alike and arguments[:1] != ("serve",)


def run(
    command: Sequence[str], environment: Mapping[str, str], directory: Path, stdin: str | None, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a command and return how it ended; raises TimeoutError."""
    order: Order = {"arguments": [*command], "environment": {**environment}, "directory": str(directory)}
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        socket.socket(socket.AF_UNIX) as asking,
    ):
        given.write(stdin or "")
        given.seek(0)
        asking.settimeout(seconds)
        asking.connect(str(_address()))
        socket.send_fds(asking, [json.dumps(order).encode()], [stream.fileno() for stream in (given, out, err)])
        asking.shutdown(socket.SHUT_WR)
        code = int(asking.recv(64))
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess([*command], code, out.read(), err.read())


@cache
def _address() -> Path:
    """Where the process that has loaded the program listens; it is started by the first who asks, once a session."""
    folder = tempfile.TemporaryDirectory(prefix="latchkey-prepared-")
    atexit.register(folder.cleanup)
    path = Path(folder.name, "socket")
    listening = [sys.executable, "-m", "tests.support.prepared", str(path)]
    process = subprocess.Popen(listening, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    atexit.register(process.wait)
    atexit.register(process.terminate)
    assert process.stdout is not None
    assert process.stdout.readline(), "the program could not be loaded"
    process.stdout.close()
    return path


# ------------------------------------------------------------------------------------------------- the loaded program


def listen(path: str) -> None:
    """Load the program, and fork for whoever comes."""
    _load()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)  # noqa: T201 - to the one who started us
        while True:
            asking, _ = listening.accept()
            with asking:
                if os.fork() == 0:
                    listening.close()
                    _serve(asking)
            _forget_the_ended()


def _load() -> None:
    import server.cli  # noqa: PLC0415 - not in the process of the tests

    for module in pkgutil.iter_modules(server.cli.__path__):
        if module.name != "__main__":
            import_module(f"server.cli.{module.name}")
    gc.collect()
    gc.freeze()


def _serve(asking: socket.socket) -> None:
    """Run one command in a process below this one, and say how it ended."""
    text, streams, _, _ = socket.recv_fds(asking, _MAX_ORDER, _STREAMS)
    while more := asking.recv(_MAX_ORDER):
        text += more
    pid = os.fork()
    if pid == 0:
        asking.close()
        _become(json.loads(text), streams)
    _, status = os.waitpid(pid, 0)
    asking.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(order: Order, streams: list[int]) -> None:
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv[:] = order["arguments"]
    from server.cli import main  # noqa: PLC0415 - not in the process of the tests

    main()  # ends in SystemExit, and that ends the process


def _forget_the_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    listen(sys.argv[1])
