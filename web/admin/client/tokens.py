"""A token response, made readable. What a JWT says is shown, and not believed: it comes from us."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from server.kernel.digests import from_b64url
from server.kernel.json import load_json
from web.localization import mark

TOKENS = (
    ("access_token", mark("Access token")),
    ("id_token", mark("ID token")),
    ("refresh_token", mark("Refresh token")),
)
JWT_PARTS = 3


@dataclass(frozen=True, slots=True)
class ReadToken:
    """One token; header and claims are there when it is a JWT."""

    label: str
    text: str = field(repr=False)
    header: str = ""
    claims: str = field(default="", repr=False)


def read_tokens(response: str) -> tuple[ReadToken, ...]:
    """The tokens of a response that we made."""
    document = load_json(response)
    found = document if isinstance(document, dict) else {}
    return tuple(_read(label, str(found[name])) for name, label in TOKENS if name in found)


def _read(label: str, text: str) -> ReadToken:
    parts = text.split(".")
    if len(parts) != JWT_PARTS:
        return ReadToken(label, text)
    header, claims = (from_b64url(part) for part in parts[:2])
    try:
        return ReadToken(label, text, _laid_out(header), _laid_out(claims))
    except ValueError:
        return ReadToken(label, text)


def _laid_out(raw: bytes | None) -> str:
    return orjson.dumps(load_json(raw or b""), option=orjson.OPT_INDENT_2).decode()
