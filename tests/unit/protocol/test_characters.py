"""Characters that no value has a use for."""

from __future__ import annotations

import pytest

from server.protocol.characters import has_control_characters, reorders_text


@pytest.mark.parametrize("character", [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))])
def test_control_characters_are_found_anywhere(character: str) -> None:
    assert has_control_characters(f"a{character}b")


@pytest.mark.parametrize("text", ["", " ", "~", "\u00a0", "Zoë", "名前", "👨‍💻"])
def test_printable_text_has_no_control_characters(text: str) -> None:
    assert not has_control_characters(text)


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_direction_overrides_are_found(code: int) -> None:
    assert reorders_text(f"bank{chr(code)}moc.live")


@pytest.mark.parametrize("text", ["", "claude", "שלום", "\u2029", "\u202f", "\u2065", "\u206a"])
def test_right_to_left_words_alone_reorder_nothing(text: str) -> None:
    assert not reorders_text(text)
