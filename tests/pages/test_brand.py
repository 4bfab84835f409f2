"""A tenant's look: whatever colour it chose, text on it and in it can be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.colors import AA_CONTRAST, Color, contrast
from web.brand import DARK_BACKGROUND, LIGHT_BACKGROUND, Brand, parse_color, stylesheet

HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"{number:06x}")


def colors(css: str) -> list[Color]:
    return [(int(h[0:2], 16), int(h[2:4], 16), int(h[4:6], 16)) for h in re.findall(r"#([0-9a-f]{6})", css)]


@given(HEX)
def test_every_brand_colour_is_readable_in_light_and_dark(color: str) -> None:
    light, on_light, dark, on_dark = colors(stylesheet(color))
    assert contrast(light, LIGHT_BACKGROUND) >= AA_CONTRAST
    assert contrast(dark, DARK_BACKGROUND) >= AA_CONTRAST
    assert contrast(light, on_light) >= AA_CONTRAST
    assert contrast(dark, on_dark) >= AA_CONTRAST


def test_a_readable_colour_stays_as_it_is() -> None:
    assert "--accent: #0a5c43;" in stylesheet("0a5c43")


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#0F7B6C", "0f7b6c"),
        ("#abc", "aabbcc"),
        ("0f7b6c", "0f7b6c"),
        ("red", None),
        ("#0f7b6c}", None),
        ("#0f7b6c;background:url(x)", None),
        ("#0f7b6c\n", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_hexadecimal_colour_is_one(text: str | None, color: str | None) -> None:
    assert parse_color(text) == color


@pytest.mark.parametrize(("name", "initial"), [("Acme", "A"), ("„ärzte“", "Ä"), ("…", "·"), ("", "·")])
def test_the_mark_is_the_first_letter(name: str, initial: str) -> None:
    assert Brand(name, "h").initial == initial
