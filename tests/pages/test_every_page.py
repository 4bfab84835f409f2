"""What holds for every page in every state."""

from __future__ import annotations

import re

import pytest

from tests.pages.gallery import PICTURES
from tests.support.forms import read_document
from web.localization import languages

EVERY_PAGE = pytest.mark.parametrize("name", PICTURES)


@EVERY_PAGE
@pytest.mark.parametrize("language", languages())
def test_says_its_language_and_its_title(name: str, language: str) -> None:
    document = read_document(PICTURES[name].html(language))
    assert document.language == language
    assert document.title.endswith(PICTURES[name].brand.name)


@EVERY_PAGE
def test_has_one_heading_one_main_and_a_way_to_it(name: str) -> None:
    html = PICTURES[name].html()
    assert (html.count("<h1"), html.count("<main")) == (1, 1)
    assert '<a class="skip-link" href="#content">' in html
    assert 'id="content"' in html


@EVERY_PAGE
def test_has_no_inline_style_or_script(name: str) -> None:
    html = PICTURES[name].html()
    assert " style=" not in html
    assert "<style" not in html
    assert re.search(r"<script(?![^>]*\ssrc=)", html) is None
    assert re.search(r"\son[a-z]+=", html) is None


@EVERY_PAGE
def test_every_field_has_a_label(name: str) -> None:
    html = PICTURES[name].html()
    for field in re.findall(r'<input class="field__input" id="([a-z]+)"', html):
        assert f'for="{field}"' in html


@EVERY_PAGE
def test_nothing_focuses_a_button(name: str) -> None:
    assert re.search(r"<button[^>]*autofocus", PICTURES[name].html()) is None


@EVERY_PAGE
def test_links_that_leave_say_nothing_of_where_they_were(name: str) -> None:
    for link in read_document(PICTURES[name].html()).links:
        if not link["href"].startswith("#"):
            assert {"noopener", "noreferrer", "nofollow"} <= set(link["rel"].split())
