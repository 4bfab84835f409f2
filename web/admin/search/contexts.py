"""What the palette shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, in the language of the person who looks."""

    icon: str
    label: str
    hint: str
    uri: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found for a text."""

    uri: str
    text: str
    hits: tuple[Hit, ...]
