"""The answer of the token endpoint. RFC 6749 §5.1, OpenID Connect Core §3.1.3.3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .scopes import format_scope

if TYPE_CHECKING:
    from .json_documents import JsonValue


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What a client is given; tokens stay out of every log."""

    access_token: str = field(repr=False)
    expires_in: int  # seconds
    scope: tuple[str, ...]
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, JsonValue]:
        """The document on the wire; what there is none of is left out."""
        document: dict[str, JsonValue] = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
        }
        if self.scope:
            document["scope"] = format_scope(self.scope)
        if self.refresh_token is not None:
            document["refresh_token"] = self.refresh_token
        if self.id_token is not None:
            document["id_token"] = self.id_token
        return document
