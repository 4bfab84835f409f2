"""The pages of one thing, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def tabs_at(uri: str, pages: Iterable[tuple[str, str]], shown: str | None) -> tuple[tuple[str, str, bool], ...]:
    """Label, address and whether it is shown, for each page: a label in English and a path below the address."""
    return tuple((label, f"{uri}/{path}" if path else uri, path == shown) for label, path in pages)
