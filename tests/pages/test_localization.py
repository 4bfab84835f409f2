"""Languages: every sentence has its translation, and people get the language that they asked for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from server.kernel.clock import DAY, HOUR, MINUTE, SECOND
from web.localization import CATALOGUE, LOCALES, SOURCE_LANGUAGE, choose_language, languages

ROOT = LOCALES.parent
METHODS = [("web/**.py", "python"), ("templates/**.html", "jinja2")]
TRANSLATED = sorted(tag for tag in languages() if tag != SOURCE_LANGUAGE)


@cache
def sentences() -> frozenset[str]:
    keywords = {"_": None, "gettext": None, "mark": None}
    options = {"templates/**.html": {"trimmed": "true"}}
    found = [
        message
        for folder in ("web", "templates")
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder,
            [(pattern.partition("/")[2], method) for pattern, method in METHODS if pattern.startswith(folder)],
            {"**.html": options["templates/**.html"]},
            keywords,
        )
    ]
    assert len(found) > 50
    return frozenset(str(message) for message in found)


def catalogue(tag: str) -> Catalog:
    with (LOCALES / tag / CATALOGUE).open("rb") as file:
        return read_po(file, locale=tag)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\([a-z]+\)s", text))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_sentence_is_translated_and_none_is_left_over(tag: str) -> None:
    translated = {str(message.id) for message in catalogue(tag) if message.id and message.string and not message.fuzzy}
    assert sorted(sentences() - translated) == []
    assert sorted(translated - sentences()) == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_translations_keep_what_is_filled_in(tag: str) -> None:
    for message in catalogue(tag):
        if message.id:
            assert placeholders(str(message.id)) == placeholders(str(message.string))


def test_german_is_there() -> None:
    assert "de" in TRANSLATED


def test_no_compiled_catalogue_is_kept() -> None:
    assert list(Path(LOCALES).rglob("*.mo")) == []


@pytest.mark.parametrize(
    ("ui_locales", "accept_language", "tag"),
    [
        ((), None, "en"),
        ((), "de", "de"),
        ((), "de-AT,de;q=0.9,en;q=0.8", "de"),
        ((), "en;q=0.3, de;q=0.7", "de"),
        ((), "fr, en;q=0.5, de;q=0.1", "en"),
        ((), "fr", "en"),
        ((), "de;q=0", "en"),
        ((), ";;;,,q=,de;q=x", "en"),
        ((), "*", "en"),
        (("fr-CA", "de-CH"), "en", "de"),
        (("xx",), "de", "de"),
        (("EN",), "de", "en"),
        (("../../etc",), None, "en"),
    ],
)
def test_the_request_counts_before_the_browser(
    ui_locales: tuple[str, ...], accept_language: str | None, tag: str
) -> None:
    assert choose_language(ui_locales, accept_language).tag == tag


@pytest.mark.parametrize(
    ("duration", "english", "german"),
    [
        (30 * DAY, "30 days", "30 Tage"),
        (DAY, "1 day", "1 Tag"),
        (36 * HOUR, "36 hours", "36 Stunden"),
        (90 * SECOND, "90 seconds", "90 Sekunden"),
        (10 * MINUTE, "10 minutes", "10 Minuten"),
    ],
)
def test_durations_are_said_exactly(duration: int, english: str, german: str) -> None:
    assert languages()["en"].duration(duration) == english
    assert languages()["de"].duration(duration) == german
