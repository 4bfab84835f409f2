"""The scope parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.errors import InvalidScope
from server.protocol.scopes import IDENTITY_SCOPES, OFFLINE_ACCESS, OPENID, format_scope, is_scope_name, parse_scope
from tests.unit.protocol.refusals import refused

names = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1)


@given(st.lists(names, unique=True))
def test_formatted_scopes_are_read_back(scope: list[str]) -> None:
    assert parse_scope(format_scope(scope)) == tuple(scope)


@pytest.mark.rfc("6749", "3.3")
@pytest.mark.parametrize(
    ("text", "scope"),
    [
        (None, ()),
        ("", ()),
        ("  ", ()),
        ("openid", ("openid",)),
        ("b a b", ("b", "a")),
        (" notes:read  mcp/* ", ("notes:read", "mcp/*")),
        ("https://api.test/read", ("https://api.test/read",)),
    ],
)
def test_order_is_kept_and_each_name_counts_once(text: str | None, scope: tuple[str, ...]) -> None:
    assert parse_scope(text) == scope


@pytest.mark.rfc("6749", "3.3")
@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\tb", "a\nb", "a\n", "ä", "openid \x7f", "\u2003"])
def test_characters_outside_the_grammar_are_refused(text: str) -> None:
    with refused(InvalidScope, "a scope has a character that scopes do not have"):
        parse_scope(text)


def test_a_name_is_one_word() -> None:
    assert is_scope_name("notes:read")
    assert not is_scope_name("")
    assert not is_scope_name("notes read")


@pytest.mark.rfc("OIDC Core", "5.4")
def test_the_scopes_about_a_person_are_those_of_openid_connect() -> None:
    assert IDENTITY_SCOPES == ("openid", "profile", "email", "address", "phone", "roles", "groups", "offline_access")
    assert (OPENID, OFFLINE_ACCESS) == ("openid", "offline_access")
