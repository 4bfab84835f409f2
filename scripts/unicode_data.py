"""Write server/trust/data/{scripts,confusables}.txt from the ICU library of this machine: `scripts/unicode_data.py`.

Only of characters that an internationalized host name can have: letters, marks and digits that IDNA leaves as they
are. UTS 39 §4 and §5, UAX 24. The files hold the version of Unicode; see docs/adr/0029.
"""

from __future__ import annotations

import ctypes
import sys
import unicodedata
from ctypes.util import find_library
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA = Path(__file__).resolve().parents[1] / "server" / "trust" / "data"
CATEGORIES = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})
LONGEST = 64


class Icu:
    """The few functions of ICU that are needed; their names end in its version."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(find_library("icui18n") or "")
        self._common = ctypes.CDLL(find_library("icuuc") or "")
        self.version = next(number for number in range(200, 40, -1) if hasattr(self._common, f"u_charType_{number}"))
        self._status = ctypes.c_int(0)
        opened = self._function(self._library, "uspoof_open", ctypes.c_void_p)
        self._checker = ctypes.c_void_p(opened(ctypes.byref(self._status)))

    def skeleton(self, character: str) -> str:
        """What a character looks like. UTS 39 §4."""
        out = ctypes.create_string_buffer(LONGEST)
        function = self._function(self._library, "uspoof_getSkeletonUTF8")
        text = character.encode()
        length = function(self._checker, 0, text, len(text), out, LONGEST, ctypes.byref(self._status))
        return out.raw[:length].decode()

    def scripts(self, character: str) -> tuple[str, ...]:
        """The scripts that use a character, by their four letters. UAX 24 §5.1."""
        found = (ctypes.c_int * LONGEST)()
        function = self._function(self._common, "uscript_getScriptExtensions")
        count = function(ord(character), found, LONGEST, ctypes.byref(self._status))
        name = self._function(self._common, "uscript_getShortName", ctypes.c_char_p)
        return tuple(sorted(name(code).decode() for code in found[:count]))

    def unicode_version(self) -> str:
        """The version of Unicode that the data is of."""
        numbers = (ctypes.c_uint8 * 4)()
        self._function(self._common, "u_getUnicodeVersion")(numbers)
        return ".".join(map(str, numbers[:2]))

    # Any: what a C function takes and gives back.
    def _function(
        self,
        library: ctypes.CDLL,
        name: str,
        gives: type[ctypes.c_int | ctypes.c_void_p | ctypes.c_char_p] = ctypes.c_int,
    ) -> Callable[..., Any]:
        function = library[f"{name}_{self.version}"]
        function.restype = gives
        return function


def characters() -> Iterator[str]:
    """Everything that a label can have, once it was mapped as browsers do."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in CATEGORIES and unicodedata.normalize("NFKC", character) == character:
            yield character


def main() -> None:
    """Write both files."""
    icu = Icu()
    source = f"# Unicode {icu.unicode_version()}, by way of ICU {icu.version}. Written by scripts/unicode_data.py.\n"
    every = list(characters())
    whole = [character for character in every if unicodedata.normalize("NFD", character) == character]
    confusables = [(character, icu.skeleton(character).lower()) for character in whole]
    lines = [f"{ord(character):04X} {seen}\n" for character, seen in confusables if seen != character]
    (DATA / "confusables.txt").write_text(source + "".join(lines), encoding="utf-8")
    used = [(ord(character), " ".join(icu.scripts(character))) for character in every]
    ranges = groupby(enumerate(used), key=lambda item: (item[1][0] - item[0], item[1][1]))
    spans = [([number for _, (number, _) in group], names) for (_, names), group in ranges]
    lines = [f"{numbers[0]:04X} {numbers[-1]:04X} {names}\n" for numbers, names in spans]
    (DATA / "scripts.txt").write_text(source + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
