"""Colours and how well one can be read on another.

WCAG 2.2 §1.4.3 (contrast of text, 4.5:1) and the definition of relative luminance.
"""

from __future__ import annotations

AA_CONTRAST = 4.5
_STEPS = 40

Color = tuple[int, int, int]  # red, green and blue, 0 to 255

BLACK: Color = (0, 0, 0)
WHITE: Color = (255, 255, 255)


def color_of(digits: str) -> Color:
    """The colour of six hexadecimal digits."""
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def hexadecimal(color: Color) -> str:
    """A colour as style sheets write it: `#1f6feb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def contrast(first: Color, second: Color) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(color: Color, background: Color, *, towards: Color) -> Color:
    """The nearest mix of a colour with `towards`, which itself can be read, that can be read on a background."""
    mixes = (_mix(color, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(mixed for mixed in mixes if contrast(mixed, background) >= AA_CONTRAST)


def _mix(color: Color, towards: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, towards, strict=True))
    return red, green, blue


def _luminance(color: Color) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _unit(color)]  # noqa: PLR2004 - sRGB
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _unit(color: Color) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in color)
