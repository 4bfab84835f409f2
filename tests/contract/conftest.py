"""What is remembered lasts until it changes, however slow the machine: tests count what the database is asked."""

from __future__ import annotations

import pytest

from server.kernel import cache


@pytest.fixture(autouse=True)
def trusted_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches go on being trusted though nobody has looked for a second; that they are not is tested in `kernel`."""
    monkeypatch.setattr(cache, "MAX_AGE_SECONDS", 3600)
