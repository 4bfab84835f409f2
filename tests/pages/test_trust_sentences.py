"""Every signal says something to people, in every language."""

from __future__ import annotations

import pytest

from server.trust import Signal
from web.localization import SOURCE_LANGUAGE, languages
from web.trust_sentences import sentence_of


@pytest.mark.parametrize("tag", sorted(languages()))
@pytest.mark.parametrize("signal", Signal)
def test_every_signal_has_a_sentence(signal: Signal, tag: str) -> None:
    english = sentence_of(signal)
    sentence = languages()[tag].translations.gettext(english)
    assert sentence.endswith(".")
    assert len(sentence) < 120
    assert (sentence == english) is (tag == SOURCE_LANGUAGE)


def test_no_two_signals_say_the_same() -> None:
    assert len({sentence_of(signal) for signal in Signal}) == len(Signal)
