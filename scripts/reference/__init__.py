"""The pages of docs/reference that are written from the code: `make reference` writes them, a test compares them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scripts.reference import api, commands, coverage, endpoints, errors, events, figures, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": api.page,
    "audit-events.md": events.page,
    "cli.md": commands.page,
    "endpoints.md": endpoints.page,
    "errors.md": errors.page,
    "metrics.md": figures.page,
    "rfc-coverage.md": coverage.page,
    "settings.md": settings.page,
}
