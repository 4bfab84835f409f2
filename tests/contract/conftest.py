"""What is remembered lasts until it changes, however slow the machine: tests count what the database is asked."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def trusted_caches(warm_caches: None) -> None:
    """Caches go on being trusted though nobody has looked for a second; that they are not is tested in `kernel`."""
