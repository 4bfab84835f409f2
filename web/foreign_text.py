"""Text that somebody else wrote, made safe to read: clients name themselves as they like.

Escaping is the template's affair. Here goes what escaping does not stop: characters that cannot be seen, that
turn the direction of a line, or that pile up over their neighbours, and text without end.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

MAX_NAME_LENGTH = 60
MAX_LINE_LENGTH = 200
MAX_MARKS = 2  # combining marks on one letter; living languages need no more

# Letters that are drawn as nothing, or as a blank, although they count as letters.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180e")


def plain(text: str | None, limit: int = MAX_LINE_LENGTH) -> str:
    """One line of visible characters, at most `limit` of them, with an ellipsis for the rest."""
    visible: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", (text or "")[: limit * 8]):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character in _BLANK_LETTERS or marks > MAX_MARKS:
            continue
        if category[0] == "Z" or character in "\t\n\r":
            visible.append(" ")
        elif category[0] != "C":
            visible.append(character)
    line = " ".join("".join(visible).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def host_of(uri: str | None) -> str | None:
    """The host of an https link, as it is to be shown; None for what should not become a link."""
    try:
        parts = urlsplit(uri or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not host or not host.isascii() or not host.isprintable():
        return None
    return host if port is None else f"{host}:{port}"


def readable_host(host: str) -> str | None:
    """What a punycode host reads as; None for a host without punycode, or with punycode that says nothing."""
    if not any(label.startswith("xn--") for label in host.lower().split(".")):
        return None
    try:
        return plain(host.encode("ascii").decode("idna"), MAX_LINE_LENGTH) or None
    except UnicodeError:
        return None
