"""Codes and refresh tokens: what only we can make, and what nobody can change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import ids
from server.keys import MacKey
from server.protocol.errors import InvalidGrant
from server.tokens import references
from server.tokens.references import Purpose, Reference

TENANT = ids.uuid7()
GRANT = ids.uuid7()
KEY = MacKey("k_1-2345", b"s" * 32)
KEYS = {KEY.kid: KEY}
CODE = references.issue(Purpose.CODE, TENANT, KEY, GRANT, 0)


def test_reference_says_what_it_was_made_of() -> None:
    assert CODE.startswith("lk_code_k_1-2345.")
    assert references.parse(CODE, Purpose.CODE, TENANT, KEYS) == Reference(GRANT, 0)


def test_same_refresh_token_is_made_again() -> None:
    made = {references.issue(Purpose.REFRESH, TENANT, KEY, GRANT, 7) for _ in range(3)}
    assert len(made) == 1
    assert references.parse(made.pop(), Purpose.REFRESH, TENANT, KEYS).generation == 7


def test_code_is_no_refresh_token() -> None:
    with pytest.raises(InvalidGrant):
        references.parse(CODE, Purpose.REFRESH, TENANT, KEYS)
    with pytest.raises(InvalidGrant):
        references.parse(CODE.replace("lk_code_", "lk_refresh_"), Purpose.REFRESH, TENANT, KEYS)


def test_reference_counts_at_its_tenant_only() -> None:
    with pytest.raises(InvalidGrant):
        references.parse(CODE, Purpose.CODE, ids.uuid7(), KEYS)


def test_reference_under_an_unknown_or_another_key_is_refused() -> None:
    for known in ({}, {KEY.kid: MacKey(KEY.kid, b"t" * 32)}):
        with pytest.raises(InvalidGrant):
            references.parse(CODE, Purpose.CODE, TENANT, known)


def test_generation_cannot_be_changed() -> None:
    kid, grant, _, mac = CODE.split(".")
    for generation in ("1", "00", "-1", "+0", "1e3", "\u0660", "", "9999999999"):
        with pytest.raises(InvalidGrant):
            references.parse(f"{kid}.{grant}.{generation}.{mac}", Purpose.CODE, TENANT, KEYS)


def test_no_other_spelling_of_a_reference_counts() -> None:
    for text in (CODE + " ", CODE + "\n", CODE.upper(), CODE[:-1], CODE + "A", CODE.replace(".", "/"), "\x00" + CODE):
        with pytest.raises(InvalidGrant):
            references.parse(text, Purpose.CODE, TENANT, KEYS)


@given(st.integers(0, len(CODE) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_single_change_is_overlooked(place: int, character: str) -> None:
    changed = CODE[:place] + character + CODE[place + 1 :]
    if changed != CODE:
        with pytest.raises(InvalidGrant):
            references.parse(changed, Purpose.CODE, TENANT, KEYS)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    for purpose in Purpose:
        with pytest.raises(InvalidGrant):
            references.parse(text, purpose, TENANT, KEYS)
