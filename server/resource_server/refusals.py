"""Every way to be turned away, as a reply. RFC 6750 §3.1, RFC 9110 §15."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..protocol.challenges import bearer_challenge
from ..protocol.errors import InsufficientScope, OAuthError, TemporarilyUnavailable
from .asgi import NO_STORE, Reply, json_reply
from .remembering import SourceUnavailable
from .routes import challenge_scope

if TYPE_CHECKING:
    from .routes import ImpliedScopes

_log = logging.getLogger("latchkey.resource_server")
_ASKED_FOR_SCOPES = (401, 403)


class TokenMissing(Exception):
    """No token was presented where one is needed: no error, only an invitation."""


class ForeignSession(Exception):
    """A session id that was not made for this token's owner: for them there is no such session."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """What all challenges of one resource have in common."""

    metadata_url: str
    implied: ImpliedScopes

    def reply(self, refusal: Exception, required: tuple[str, ...]) -> Reply:
        """The reply to an operation that needs these scopes, and one line in the log that says why."""
        _log.info("refused: %s: %s", type(refusal).__name__, refusal)
        if isinstance(refusal, SourceUnavailable):
            wait = (b"retry-after", str(refusal.retry_after_seconds).encode())
            return json_reply(_body(TemporarilyUnavailable), 503, (*NO_STORE, wait))
        if isinstance(refusal, ForeignSession):
            return json_reply({"error": "not_found"}, 404, NO_STORE)
        if isinstance(refusal, OAuthError):
            return self._error(refusal, required)
        return Reply(401, (*NO_STORE, self._challenge(None, required)))

    def _error(self, refusal: OAuthError, required: tuple[str, ...]) -> Reply:
        challenge = self._challenge(refusal, required if refusal.status in _ASKED_FOR_SCOPES else ())
        return json_reply(_body(type(refusal)), refusal.status, (*NO_STORE, challenge))

    def _challenge(self, refusal: OAuthError | None, required: tuple[str, ...]) -> tuple[bytes, bytes]:
        value = bearer_challenge(
            error=None if refusal is None else refusal.code,
            description=None if refusal is None else refusal.description,
            scope=challenge_scope(required, self.implied),
            resource_metadata=self.metadata_url,
        )
        return (b"www-authenticate", value.encode("ascii"))

    def step_up(self, wanted: tuple[str, ...]) -> Reply:
        """The reply when the application itself asked for more than the token has."""
        return self.reply(InsufficientScope("asked for by the application"), wanted)


def _body(kind: type[OAuthError]) -> dict[str, object]:
    return {"error": kind.code, "error_description": kind.description}
