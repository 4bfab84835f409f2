"""A tenant's look: its name, its host, its mark, and its colour made readable in light and in dark.

WCAG 2.2 §1.4.3 (contrast of text, 4.5:1) and the definition of relative luminance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from web.foreign_text import MAX_NAME_LENGTH, host_of, plain

if TYPE_CHECKING:
    from server.tenants import Tenant

PLATFORM_NAME = "Latchkey"

AA_CONTRAST = 4.5
_STEPS = 40

Color = tuple[int, int, int]

# The backgrounds of tokens.css on which an accent is hardest to read: the darkest light one, the lightest dark one.
LIGHT_BACKGROUND: Color = (0xEE, 0xF0, 0xF4)
DARK_BACKGROUND: Color = (0x23, 0x28, 0x33)
_INK: Color = (0x0F, 0x12, 0x18)
_BLACK: Color = (0, 0, 0)
_WHITE: Color = (255, 255, 255)

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose page it is."""

    name: str
    host: str
    color: str | None = None  # six hexadecimal digits
    logo_uri: str | None = None  # https, on a host that a policy header can name
    is_platform: bool = False

    @property
    def initial(self) -> str:
        """The letter of the mark when there is no logo."""
        return next((character for character in self.name if character.isalnum()), "·").upper()


def brand_of(tenant: Tenant) -> Brand:
    """The look of a tenant; a colour or a logo that is not what it should be is left out."""
    return Brand(
        name=plain(tenant.display_name, MAX_NAME_LENGTH) or tenant.slug,
        host=urlsplit(tenant.issuer).netloc,
        color=parse_color(tenant.branding.primary_color),
        logo_uri=_usable_logo(tenant.branding.logo_uri),
    )


def platform_brand(public_url: str) -> Brand:
    """The look of pages that belong to no tenant."""
    return Brand(PLATFORM_NAME, urlsplit(public_url).netloc, is_platform=True)


def parse_color(text: str | None) -> str | None:
    """Six lower-case hexadecimal digits, or None for anything that is not a colour in hexadecimal."""
    found = _HEX.fullmatch(text or "")
    if found is None:
        return None
    digits = found[1].lower()
    return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)  # noqa: PLR2004 - rrggbb


def stylesheet(color: str) -> str:
    """The custom properties of a brand colour (six hexadecimal digits), readable in light and in dark."""
    wanted: Color = (int(color[0:2], 16), int(color[2:4], 16), int(color[4:6], 16))
    light = readable_on(wanted, LIGHT_BACKGROUND, towards=_BLACK)
    dark = readable_on(wanted, DARK_BACKGROUND, towards=_WHITE)
    return f"{_properties(light)}@media (prefers-color-scheme: dark) {{ {_properties(dark)} }}\n"


def readable_on(color: Color, background: Color, *, towards: Color) -> Color:
    """The nearest mix of a colour with `towards`, which itself can be read, that can be read on a background."""
    mixes = (_mix(color, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(mixed for mixed in mixes if contrast(mixed, background) >= AA_CONTRAST)


def contrast(first: Color, second: Color) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _properties(accent: Color) -> str:
    on_accent = max((_WHITE, _INK), key=lambda ink: contrast(ink, accent))
    return f":root {{ --accent: {_css(accent)}; --on-accent: {_css(on_accent)}; }}\n"


def _css(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _mix(color: Color, towards: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, towards, strict=True))
    return red, green, blue


def _luminance(color: Color) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _unit(color)]  # noqa: PLR2004 - sRGB
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _unit(color: Color) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in color)


def _usable_logo(uri: str | None) -> str | None:
    host = host_of(uri)
    return uri if host and _HOST.fullmatch(host) and urlsplit(uri).netloc.lower() == host else None
