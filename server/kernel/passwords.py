"""Hashing passwords with argon2id, in few threads and behind a bounded queue. RFC 9106.

A hash takes some 20 ms and 19 MiB; a thread that hashes slows down the event loop beside it. Who must wait too
long is told at once to come again. While passwords come, the memory is kept for the next of them: to get it anew from
the system would take a fifth as long as the hash. ADR 0036.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
MAX_THREADS = 2
THREADS = min(MAX_THREADS, os.cpu_count() or 1)
MAX_WAITING = 32  # about half a second of work a thread
MAX_PASSWORD_BYTES = 1024
MEMORY_KEPT_SECONDS = 1

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class Overloaded(Exception):
    """Too many passwords wait to be hashed."""


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether the password is right, and whether its hash should be made anew with today's parameters."""

    matches: bool
    needs_rehash: bool = False


class HashingPool:
    """A few threads, and how much work waits for them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0
        self._giving_back: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Run work in a thread; raises Overloaded."""
        if self._waiting >= MAX_WAITING:
            raise Overloaded("too many passwords wait to be hashed")
        self._waiting += 1
        future = self._threads.submit(work)
        # Not when the caller stops waiting, but when the thread is free again.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        return await asyncio.wrap_future(future)

    @property
    def load(self) -> tuple[int, int]:
        """How many threads hash, and how many hashes wait for one."""
        busy = min(self._waiting, THREADS)
        return busy, self._waiting - busy

    def warm_up(self) -> None:
        """Make what nobody's passwords are compared with: the first of them must not take twice as long."""
        self._threads.submit(_nobodys_hash).add_done_callback(lambda _: _give_memory_back())

    def close(self) -> None:
        """Finish what is running and forget what waits."""
        if self._giving_back is not None:
            self._giving_back.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _done(self) -> None:
        self._waiting -= 1
        if self._giving_back is not None:
            self._giving_back.cancel()
        loop = asyncio.get_running_loop()
        self._giving_back = loop.call_later(MEMORY_KEPT_SECONDS, self._threads.submit, _give_memory_back)


_pool: HashingPool | None = None


def open_pool() -> None:
    """Start the threads."""
    global _pool  # noqa: PLW0603  one pool a process, as there is one set of cores
    _pool = HashingPool()
    _pool.warm_up()


def close_pool() -> None:
    """Stop the threads."""
    global _pool  # noqa: PLW0603  see open_pool
    if _pool is not None:
        _pool.close()
        _pool = None


def pool_load() -> tuple[int, int]:
    """How many threads hash, and how many hashes wait for one."""
    return (0, 0) if _pool is None else _pool.load


async def hash_password(password: str) -> str:
    """The hash to be stored; raises Overloaded, and ValueError for more than 1024 bytes."""
    if _is_overlong(password):
        raise ValueError("a password has at most 1024 bytes")
    return await _opened().run(lambda: _hasher.hash(password))


async def verify_password(stored: str | None, password: str) -> PasswordCheck:
    """Compare a password with a stored hash; raises Overloaded.

    No hash, and a password too long to be anybody's, take the same work and do not match.
    """
    if stored is None or _is_overlong(password):
        await _opened().run(lambda: _is_match(_nobodys_hash(), "wrong"))
        return PasswordCheck(matches=False)
    matches = await _opened().run(lambda: _is_match(stored, password))
    return PasswordCheck(matches, needs_rehash=matches and _hasher.check_needs_rehash(stored))


def _is_match(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(os.urandom(16))


def _give_memory_back() -> None:
    """Let the system have what was freed; only glibc has to be told."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _is_overlong(password: str) -> bool:
    return len(password) > MAX_PASSWORD_BYTES or len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES


def _opened() -> HashingPool:
    if _pool is None:
        raise RuntimeError("open_pool was not called")
    return _pool
