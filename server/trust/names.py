"""Host names as people see them: decoded, the scripts they are written in, and what they could be taken for.

RFC 3492, UTS 39 §4 and §5. The data is shipped: docs/adr/0029.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import lru_cache, reduce

from . import domains
from .listed import records

_PREFIX = "xn--"
_ANY = frozenset({"Zyyy", "Zinh"})  # common to all scripts, or taken over from the character before
# Writing systems that use several scripts. UTS 39 §5.1, table 1a.
_SYSTEMS = {
    "Hani": ("Hanb", "Jpan", "Kore"),
    "Hira": ("Jpan",),
    "Kana": ("Jpan",),
    "Hang": ("Kore",),
    "Bopo": ("Hanb",),
}
_BESIDE_LATIN = frozenset({"Hanb", "Jpan", "Kore"})
_UNKNOWN = frozenset({"Zzzz"})

# A shorter name is one letter from too many others.
SHORTEST_KNOWN_TO_ALL = 5
SHORTEST_OF_TENANT = 3


def decoded(host: str) -> str:
    """The host with its internationalized labels in Unicode; a label that is no good stays as it is."""
    if _PREFIX not in host:
        return host
    return ".".join(_decoded_label(label) for label in host.split("."))


def mixes_scripts(text: str) -> bool:
    """Whether a label of a decoded host mixes scripts that do not belong together: not Highly Restrictive, UTS 39 §5.2.

    What this release knows no script of is in a script of its own.
    """
    return not text.isascii() and any(_mixes(label) for label in text.split("."))


def find_lookalike(host: str, of_tenant: frozenset[str]) -> str | None:
    """The known domain that a host could be taken for, being another one; the tenant's own come first."""
    registrable = domains.registrable_domain(host)
    if registrable in of_tenant or registrable in domains.known_domains() or domains.is_address(host):
        return None
    domain = decoded(registrable)
    return _near(domain, of_tenant, SHORTEST_OF_TENANT) or _near_known_to_all(domain)


@lru_cache(maxsize=10_000)
def _near_known_to_all(domain: str) -> str | None:
    return _near(domain, domains.known_domains(), SHORTEST_KNOWN_TO_ALL)


def _near(domain: str, known: frozenset[str], shortest: int) -> str | None:
    """One with the same skeleton, or one character away from the text or, of a foreign script, from the skeleton."""
    index = _index(known, shortest)
    skeleton = _skeleton(domain)
    if (same := index.get(skeleton)) is not None and _skeleton(same) == skeleton:
        return same
    text, written = (domain, decoded) if domain.isascii() else (skeleton, _skeleton)
    for shape in (text, *_shortened(text)):
        found = index.get(shape)
        if found is not None and _is_one_off(text, written(found)):
            return found
    return None


@lru_cache(maxsize=1_000)
def _index(known: frozenset[str], shortest: int) -> dict[str, str]:
    """By every text that is one of them, looks like one or lacks a character of one: the known domain."""
    index: dict[str, str] = {}
    for written in sorted(known):
        domain = decoded(written)
        index.setdefault(_skeleton(domain), domain)
        if len(domain.partition(".")[0]) >= shortest:
            for text in (domain, _skeleton(domain)):
                for shape in (text, *_shortened(text)):
                    index.setdefault(shape, domain)
    return index


def _shortened(text: str) -> set[str]:
    return {text[:position] + text[position + 1 :] for position in range(len(text))}


def _is_one_off(text: str, known: str) -> bool:
    """Whether one character was added, left out or replaced."""
    shorter, longer = sorted((text, known), key=len)
    if len(longer) == len(shorter):
        return sum(one != other for one, other in zip(text, known, strict=True)) == 1
    return len(longer) == len(shorter) + 1 and shorter in _shortened(longer)


def _skeleton(text: str) -> str:
    """What a text looks like, in lower case. UTS 39 §4."""
    look = _confusables()
    seen = "".join(look.get(character, character) for character in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", seen)


def _mixes(label: str) -> bool:
    used = [scripts for character in label if not (scripts := _scripts_of(character)) <= _ANY]
    if not used or reduce(frozenset.intersection, used):
        return False
    rest = [scripts for scripts in used if "Latn" not in scripts]
    return not (reduce(frozenset.intersection, rest, _BESIDE_LATIN))


def _scripts_of(character: str) -> frozenset[str]:
    starts, spans = _script_spans()
    position = bisect_right(starts, ord(character)) - 1
    if position < 0 or spans[position][0] < ord(character):
        return _ANY if character == "-" else _UNKNOWN
    return spans[position][1]


def _decoded_label(label: str) -> str:
    if not label.startswith(_PREFIX):
        return label
    try:
        return label.removeprefix(_PREFIX).encode("ascii").decode("punycode")
    except UnicodeError:
        return label


@lru_cache(maxsize=1)
def _confusables() -> dict[str, str]:
    return {chr(int(number, 16)): look for number, look in records("confusables.txt")}


@lru_cache(maxsize=1)
def _script_spans() -> tuple[list[int], list[tuple[int, frozenset[str]]]]:
    """Where the spans begin, and for each where it ends and its scripts."""
    starts: list[int] = []
    spans: list[tuple[int, frozenset[str]]] = []
    for first, last, *scripts in records("scripts.txt"):
        systems = (system for script in scripts for system in _SYSTEMS.get(script, ()))
        starts.append(int(first, 16))
        spans.append((int(last, 16), frozenset((*scripts, *systems))))
    return starts, spans
