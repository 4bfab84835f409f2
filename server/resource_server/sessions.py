"""MCP session ids bound to the person and client they were made for, so that a stolen one opens nothing.

MCP security best practices, "Session Hijacking". The application's own id travels with a MAC over it and the token's
principal; nothing is stored, and the application never sees an id of somebody else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..protocol.jwt import AccessTokenClaims

SESSION_FIELD = b"mcp-session-id"


@dataclass(frozen=True, slots=True)
class SessionBinding:
    """The secret that ties a session id to its owner; it lives as long as the sessions do."""

    key: bytes = field(repr=False)

    def bind(self, session_id: str, token: AccessTokenClaims) -> str:
        """The session id as this token's owner gets to see it."""
        return f"{session_id}.{self._mac(session_id, token)}"

    def find(self, presented: str, token: AccessTokenClaims) -> str | None:
        """The application's session id, or None when it was not made for this token's owner."""
        session_id, _, mac = presented.rpartition(".")
        is_ours = hmac.compare_digest(mac.encode(), self._mac(session_id, token).encode())
        return session_id if is_ours else None

    def _mac(self, session_id: str, token: AccessTokenClaims) -> str:
        digest = hmac.new(self.key, digestmod=hashlib.sha256)
        for part in (session_id, token.issuer, token.subject, token.client_id):
            # With its length, or parts could be cut elsewhere and still read the same.
            digest.update(len(part.encode()).to_bytes(4))
            digest.update(part.encode())
        return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
