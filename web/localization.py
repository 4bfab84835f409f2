"""The languages of the pages: which one a person reads, and its sentences, dates and durations.

English is the language of the source; every other one is a catalogue under locales/, compiled when it is first
needed. OpenID Connect Core §3.1.2.1 (`ui_locales`), RFC 9110 §12.5.4 (`Accept-Language`).
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from server.kernel.clock import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server.kernel.clock import Duration, Instant

LOCALES = Path(__file__).resolve().parent.parent / "locales"
CATALOGUE = Path("LC_MESSAGES/latchkey.po")
SOURCE_LANGUAGE = "en"

# Nobody reads more languages than this; a longer header is not worth sorting.
MAX_PREFERENCES = 20

_UNITS = (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND))


def mark(message: str) -> str:
    """The message itself: marks a sentence that a template will translate, so that extraction finds it."""
    return message


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages."""

    tag: str
    translations: gettext.NullTranslations = field(repr=False)

    def say(self, message: str) -> str:
        """A sentence of the source, in this language."""
        return self.translations.gettext(message) if message else ""

    def date(self, instant: Instant) -> str:
        """The day of an instant (UTC), as this language writes it."""
        return format_date(datetime.fromtimestamp(instant / SECOND, UTC), "long", locale=self.tag)

    def day(self, instant: Instant) -> str:
        """Day and month of an instant (UTC), as short as can be."""
        return format_skeleton("MMMd", datetime.fromtimestamp(instant / SECOND, UTC), locale=self.tag)

    def time(self, instant: Instant) -> str:
        """Day and time of an instant (UTC), as short as can be."""
        return format_datetime(datetime.fromtimestamp(instant / SECOND, UTC), "short", locale=self.tag)

    def moment(self, instant: Instant) -> str:
        """Day and time of an instant (UTC), to the second."""
        return format_datetime(datetime.fromtimestamp(instant / SECOND, UTC), "medium", locale=self.tag)

    def number(self, number: float) -> str:
        """A number, grouped as this language does."""
        return format_decimal(number, locale=self.tag)

    def duration(self, duration: Duration) -> str:
        """A duration in the largest unit that says it exactly; in seconds at the least."""
        unit, length = next((unit, length) for unit, length in _UNITS if duration % length == 0 or length == SECOND)
        return format_unit(duration // length, f"duration-{unit}", locale=self.tag)


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """Every language there is, by tag; the source language first."""
    found = {SOURCE_LANGUAGE: Language(SOURCE_LANGUAGE, gettext.NullTranslations())}
    for catalogue in sorted(LOCALES.glob(f"*/{CATALOGUE}")):
        tag = catalogue.relative_to(LOCALES).parts[0]
        found[tag] = Language(tag, _compile(catalogue, tag))
    return found


def choose_language(ui_locales: Iterable[str], accept_language: str | None) -> Language:
    """The first language wanted that there is: what the request asked for counts before the browser's settings."""
    known = languages()
    for wanted in (*ui_locales, *_preferences(accept_language or "")):
        tag = wanted.partition("-")[0].lower()
        if tag in known:
            return known[tag]
    return known[SOURCE_LANGUAGE]


def _compile(catalogue: Path, tag: str) -> gettext.GNUTranslations:
    compiled = BytesIO()
    with catalogue.open("rb") as source:
        write_mo(compiled, read_po(source, locale=tag))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _preferences(header: str) -> Iterator[str]:
    """The languages of an Accept-Language header, best first; what cannot be read is passed over."""
    weighted: list[tuple[float, str]] = []
    for item in header.split(",")[:MAX_PREFERENCES]:
        tag, _, parameter = item.strip().partition(";")
        weight = _weight(parameter)
        if tag and weight > 0:
            weighted.append((weight, tag.strip()))
    yield from (tag for _, tag in sorted(weighted, key=lambda pair: -pair[0]))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
