"""How far a long act is: said once a second at most, and told apart from the silence of one whose process ended."""

from __future__ import annotations

import pytest

from server.kernel import clock, progress, shared_state
from server.kernel.clock import HOUR, MINUTE, SECOND
from server.kernel.memory_state import MemoryState
from server.kernel.progress import Report


async def test_an_act_is_followed_until_something_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    began = moment = clock.now()
    monkeypatch.setattr(shared_state, "_state", MemoryState())
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert await progress.find("act") is None
    report = Report("act", HOUR, began, {"days": 30})
    await report.begin()
    await report.reach(10, 100)
    early = await progress.find("act")
    assert early is not None
    assert (early.about, early.done, early.is_under_way(moment)) == ({"days": 30}, 0, True)
    moment = began + SECOND
    await report.reach(20, 100)
    later = await progress.find("act")
    assert later is not None
    assert (later.done, later.total, later.seen_at) == (20, 100, moment)
    assert not later.is_under_way(moment + MINUTE)  # its process ended
    await report.end("complete")
    over = await progress.find("act")
    assert over is not None
    assert (over.done, over.result, over.is_under_way(moment)) == (20, "complete", False)
    await progress.forget("act")
    assert await progress.find("act") is None
