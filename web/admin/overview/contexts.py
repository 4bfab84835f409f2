"""What the overview shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The overview."""

    issuer: str
    api_path: str
