"""Shared state of one process: what only this implementation does. The rest is in tests/contract."""

import pytest

from server.kernel import memory_state
from server.kernel.clock import SECOND
from server.kernel.memory_state import MemoryState


async def test_what_has_expired_gives_back_its_space(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0]
    monkeypatch.setattr(memory_state, "steady", lambda: moment[0])
    monkeypatch.setattr(memory_state, "SWEEP_ABOVE", 100)
    state = MemoryState()
    await state.put("lasting", "value", 10_000 * SECOND)
    for _ in range(1000):
        moment[0] += SECOND
        await state.claim(f"claim {moment[0]}", SECOND)
    assert len(state._items) <= 101
    assert await state.get("lasting") == "value"
