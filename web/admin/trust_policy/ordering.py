"""Where rules stand in a draft: which one a number names, and where those go whose position was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_DIGITS = 4


def find_place(number: str | None, count: int) -> int | None:
    """The place, from 0, of the rule with this number among so many; None where there is no such rule."""
    found = _number(number)
    return found - 1 if found is not None and 0 < found <= count else None


def moves_in(positions: Sequence[str], count: int) -> Mapping[int, int]:
    """The place of each rule that shall have another position, and that place; `positions` as typed, one for each rule.

    What is beyond either end means that end; what is no number moves nothing.
    """
    typed = ((place, _number(text)) for place, text in enumerate(positions[:count]))
    wanted = {place: min(max(number, 1), count) - 1 for place, number in typed if number is not None}
    return {place: there for place, there in wanted.items() if place != there}


def arranged(moves: Mapping[int, int], count: int) -> list[int]:
    """The places of the rules in their new order; those that were not moved keep theirs among themselves."""
    order = [place for place in range(count) if place not in moves]
    # From the front, so that what is put in moves nothing that was put in before; of two at one place the first.
    for place, there in sorted(moves.items(), key=lambda move: (move[1], -move[0])):
        order.insert(there, place)
    return order


def _number(text: str | None) -> int | None:
    typed = (text or "").strip()
    return int(typed[:MOST_DIGITS]) if typed.isascii() and typed.isdecimal() else None
