"""Password hashes and RSA keys that cost next to nothing, for tests that are about something else.

A hash with the parameters of production takes 30 ms and a 2048-bit key 50 ms; a tenant with two people needs both.
Processes of their own, `tests/unit` and whoever asks for `production_hashes` have the real ones.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from server.kernel import passwords
from server.keys import generation
from server.keys.records import Algorithm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.keys.records import NewSigningKey

_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class RsaKeys:
    """The RSA keys of all tests: no test meets the same key twice, and the next test gets the same ones."""

    def __init__(self) -> None:
        self._made: list[NewSigningKey] = []
        self._numbers = count()
        self._lock = Lock()  # keys are made in threads

    def start_over(self) -> None:
        """Another test begins."""
        self._numbers = count()

    def next(self) -> NewSigningKey:
        """The next one, made now if no test has come so far."""
        with self._lock:
            number = next(self._numbers)
            while number >= len(self._made):
                self._made.append(_generate(Algorithm.RS256))
            return self._made[number]


_generate = generation.generate
_production = passwords._hasher
_keys = RsaKeys()


@contextmanager
def cheap_secrets() -> Iterator[None]:
    """Hash cheaply, and hand out RSA keys that were made before, until the end of a test."""
    _keys.start_over()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generation, "generate", lambda kind: _keys.next() if kind is Algorithm.RS256 else _generate(kind))
        with _hashing(_HASHER):
            yield


@contextmanager
def production_hashes() -> Iterator[None]:
    """Inside of it: hash as in production after all."""
    with _hashing(_production):
        yield


@contextmanager
def _hashing(hasher: PasswordHasher) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        passwords._nobodys_hash.cache_clear()
        yield
    passwords._nobodys_hash.cache_clear()
