"""The page at the root of the platform: what this is, for people who end up here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.brand import platform_brand
from web.rendering import frame_for, render

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.settings import Settings


@dataclass(frozen=True, slots=True)
class LandingPage:
    """The landing page says the same to everyone."""


def landing_page(settings: Settings, accept_language: str | None) -> WireResponse:
    """Draw the landing page."""
    frame = frame_for(platform_brand(settings.public_url), (), accept_language)
    return render("landing.html", LandingPage(), frame)
