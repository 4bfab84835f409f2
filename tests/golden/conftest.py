"""A platform whose clock stands still, and a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.admin.conftest import platform
from tests.support.serving import find_chromium, launched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser

__all__ = ["platform"]

NOON = 1_777_809_600_000_000_000  # nanoseconds: 2026-05-03T12:00:00Z


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The whole browser: without windows it draws the edges of letters a little otherwise."""
    async with launched(find_chromium()) as browser:
        yield browser


@pytest.fixture
def still_clock() -> Iterator[None]:
    """It is noon, and stays so; asked for before the platform, it is noon when that is made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time_ns", lambda: NOON)
        yield
