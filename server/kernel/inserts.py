"""INSERT statements of values, as text: taken apart, and put together for several rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PARAMETER = re.compile(r"\$([0-9]+)")
_INSERT = re.compile(
    r"\s*(INSERT INTO \w+ \([^()]*\))\s+VALUES \(((?:[^()]|\([^()]*\))*)\)(\s+ON CONFLICT\b.*)?\s*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Insert:
    """`INSERT INTO table (columns)`, the values of one row, and what follows them, such as ON CONFLICT."""

    into: str
    values: str
    then: str

    def renumbered(self, by: int) -> Insert:
        """The same with higher parameters."""
        return Insert(self.into, _renumbered(self.values, by), _renumbered(self.then, by))


def insert_of(sql: str) -> Insert | None:
    """The parts of a statement; None where it is not a plain INSERT of values."""
    found = _INSERT.fullmatch(sql)
    return None if found is None else Insert(*(part or "" for part in found.groups()))


def last_parameter(sql: str) -> int:
    """The number of the last parameter, 0 for none."""
    return max((int(number) for number in _PARAMETER.findall(sql)), default=0)


@lru_cache(maxsize=500)
def repeated(sql: str, times: int) -> str | None:
    """The statement for several rows, whose arguments follow one another; None where it can only be of one."""
    insert = insert_of(sql)
    # What follows the values may have parameters, which would be those of one row.
    if insert is None or _PARAMETER.search(insert.then):
        return None
    step = last_parameter(sql)
    rows = ", ".join(f"({_renumbered(insert.values, number * step)})" for number in range(times))
    return f"{insert.into} VALUES {rows}{insert.then}"


def _renumbered(sql: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", sql)
