"""The login page as it is drawn."""

from __future__ import annotations

import re

from tests.pages.gallery import PICTURES
from tests.support.forms import read_document


def test_form_has_its_step_and_its_fields() -> None:
    form = read_document(PICTURES["login"].html()).form("login")
    assert (form.method, form.action) == ("post", "")
    assert {"username", "password"} <= form.names()


def test_password_managers_know_the_fields() -> None:
    html = PICTURES["login"].html()
    assert 'autocomplete="username"' in html
    assert 'autocomplete="current-password"' in html


def test_cursor_starts_where_something_is_to_be_typed() -> None:
    assert re.search(r'id="username"[^>]*autofocus', PICTURES["login"].html())
    assert re.search(r'id="password"[^>]*autofocus', PICTURES["login-again"].html())


def test_errors_stand_beside_their_fields_and_in_a_summary_that_has_the_focus() -> None:
    html = PICTURES["login-empty"].html()
    for field in ("username", "password"):
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"[^>]*aria-describedby="{field}-error"', html)
        assert f'id="{field}-error"' in html
        assert f'href="#{field}"' in html
    assert re.search(r'class="summary"[^>]*autofocus', html)


def test_title_of_a_refused_form_says_so_first() -> None:
    assert read_document(PICTURES["login-wrong"].html()).title.startswith("Error: ")


def test_a_refused_form_keeps_the_name_and_never_the_password() -> None:
    form = read_document(PICTURES["login-wrong"].html()).form("login")
    assert form.values("username") == ["ada"]
    assert form.values("password") == [""]
