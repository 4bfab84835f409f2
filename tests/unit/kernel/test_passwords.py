"""Hashing passwords, in a bounded pool."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from server.kernel import passwords
from server.kernel.passwords import Overloaded, PasswordCheck


@pytest.fixture(autouse=True)
def _pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "_pool", None)
    passwords.open_pool()
    yield
    passwords.close_pool()


async def test_a_hash_matches_its_password_only() -> None:
    stored = await passwords.hash_password("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify_password(stored, "correct horse") == PasswordCheck(matches=True)
    assert await passwords.verify_password(stored, "correct horsé") == PasswordCheck(matches=False)


async def test_a_hash_with_other_parameters_is_to_be_made_anew() -> None:
    stored = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("correct horse")
    assert await passwords.verify_password(stored, "correct horse") == PasswordCheck(matches=True, needs_rehash=True)
    assert await passwords.verify_password(stored, "wrong") == PasswordCheck(matches=False)


@pytest.mark.parametrize("stored", [None, "", "$argon2id$nonsense", "plain"])
async def test_nobody_has_no_password(stored: str | None) -> None:
    assert not (await passwords.verify_password(stored, "correct horse")).matches


async def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = passwords._is_match

    def note(stored: str, password: str) -> bool:
        hashed.append(stored)
        return real(stored, password)

    monkeypatch.setattr(passwords, "_is_match", note)
    await passwords.verify_password(None, "correct horse")
    await passwords.verify_password(await passwords.hash_password("a"), "b" * 1025)
    assert len(hashed) == 2
    assert all(stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for stored in hashed)


async def test_overlong_passwords_are_refused() -> None:
    with pytest.raises(ValueError, match="1024 bytes"):
        await passwords.hash_password("ä" * 513)
    longest = "ä" * 512
    assert (await passwords.verify_password(await passwords.hash_password(longest), longest)).matches


async def test_who_would_wait_too_long_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MAX_WAITING", 3)
    gate = threading.Event()
    pool = passwords._opened()
    waiting = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await passwords.hash_password("correct horse")
    waiting[2].cancel()  # a caller who went away
    gate.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    # The thread that the caller left behind ends in its own time.
    async with asyncio.timeout(60):
        while pool._waiting:  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.01)
    assert await passwords.hash_password("correct horse")


async def test_the_pool_must_be_open() -> None:
    passwords.close_pool()
    with pytest.raises(RuntimeError, match="open_pool"):
        await passwords.hash_password("correct horse")
    passwords.close_pool()
