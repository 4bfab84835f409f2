"""What a tenant may define as a scope."""

from __future__ import annotations

import pytest

from server.scopes import InvalidScope, Scope, check_definition


@pytest.mark.rfc("6749", "3.3")
@pytest.mark.parametrize("name", ["notes:read", "a", "https://api.test/notes.read", "x" * 200])
def test_scope_is_one_token(name: str) -> None:
    check_definition(Scope(name, "Read your notes"))


@pytest.mark.rfc("6749", "3.3")
@pytest.mark.parametrize("name", ["", "notes read", 'no"tes', "no\\tes", "nötes", "x" * 201])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidScope):
        check_definition(Scope(name, "Read your notes"))


@pytest.mark.parametrize("name", ["openid", "offline_access", "email"])
def test_scopes_of_openid_connect_are_built_in(name: str) -> None:
    with pytest.raises(InvalidScope):
        check_definition(Scope(name, "mine"))
    assert Scope(name, "").is_identity
    assert not Scope("notes:read", "").is_identity


@pytest.mark.parametrize("description", ["x" * 501, "two\nlines"])
def test_description_is_one_line(description: str) -> None:
    with pytest.raises(InvalidScope):
        check_definition(Scope("notes:read", description))
