"""The error pages: marked for programs, worded for people, and leading nowhere by themselves."""

from __future__ import annotations

import pytest

from server.endpoints.wire import ErrorPage
from tests.pages.gallery import PICTURES
from tests.support.forms import read_document
from web import error_page
from web.account.error.contexts import OTHER, SENTENCES, error_context


def test_an_error_page_is_marked_with_its_code_and_found_in_the_log() -> None:
    answer = error_page(
        ErrorPage("invalid_scope", 400), tenant=None, accept_language=None, correlation_id="correlation-1"
    )
    document = read_document(answer.body.decode())
    assert answer.status == 400
    assert document.error == "invalid_scope"
    assert "correlation-1" in document.text
    assert document.continue_uri is None


def test_the_way_on_is_a_link_that_shows_where_it_leads() -> None:
    uri = "http://127.0.0.1:4711/cb?error=invalid_scope"
    document = read_document(PICTURES["error"].html())
    assert document.continue_uri == uri
    assert "127.0.0.1:4711" in document.text


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "http://plain.test/", "https://a@b.test/"])
def test_no_way_on_to_where_no_browser_is_ever_sent(uri: str) -> None:
    assert error_context("invalid_scope", uri, "").continue_uri is None


def test_the_page_speaks_the_readers_language() -> None:
    page = ErrorPage("not_found", 404)
    german = error_page(page, tenant=None, accept_language="de", correlation_id="")
    page = ErrorPage("not_found", 404, ui_locales=("en",))
    asked = error_page(page, tenant=None, accept_language="de", correlation_id="")
    assert read_document(german.body.decode()).language == "de"
    assert read_document(asked.body.decode()).language == "en"


def test_a_code_without_words_of_its_own_gets_common_ones() -> None:
    context = error_context("invalid_request", None, "")
    assert (context.heading, context.sentence) == OTHER


def test_every_sentence_ends() -> None:
    assert all(sentence.endswith(".") for _, sentence in (*SENTENCES.values(), OTHER))
