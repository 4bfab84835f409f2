"""The middleware: nothing reaches the application without a token for this resource, except what is public.

OAuth 2.1 §5.2, RFC 6750, RFC 9728; MCP authorization 2026-07-28, "Access Token Usage" and "Error Handling".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..protocol.challenges import bearer_token
from ..protocol.errors import InsufficientScope, InvalidRequest, OAuthError
from .asgi import field_values, path_of, query_of, raw_fields, send_reply, text_of
from .cors import is_preflight, opened_to_browsers, preflight
from .fetching import HttpFetcher
from .introspection import Introspection, IntrospectionVerifier
from .metadata import MetadataEndpoint, check_url, metadata_document, metadata_url
from .options import Options
from .refusals import ForeignSession, Refusals, TokenMissing
from .remembering import SourceUnavailable
from .routes import challenge_scope, has_dot_segments, required_scopes, scope_names, scope_table
from .sessions import SESSION_FIELD, SessionBinding
from .verifying import Expected, KeyVerifier, Verifier
from .visit import Visit, with_visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .asgi import App, Message, Receive, Scope, Send

_REFUSED = (OAuthError, SourceUnavailable, TokenMissing, ForeignSession)
_POLICY_VIOLATION = 1008


class ResourceServer:
    """An ASGI application around yours that admits only valid access tokens of one issuer for one resource.

    `scopes` are needed everywhere; `routes` says where it is others: `{"POST /notes": ("notes:write",),
    "/healthz": PUBLIC}`, the most specific line alone deciding. With `introspection` the issuer is asked about each
    token, otherwise its published keys decide. Raises ValueError for settings that cannot be meant.
    """

    def __init__(
        self,
        app: App,
        *,
        resource: str,
        issuer: str,
        scopes: Sequence[str] = (),
        routes: Mapping[str, Sequence[str] | None] | None = None,
        introspection: Introspection | None = None,
        options: Options | None = None,
    ) -> None:
        self._app = app
        self._options = options = options or Options()
        check_url(resource, "a resource", allow_http=options.allow_http)
        check_url(issuer, "an issuer", allow_http=options.allow_http)
        self._table = scope_table(scopes, routes or {})
        self._refusals = Refusals(metadata_url(resource), options.implied_scopes)
        self._sessions = SessionBinding(options.session_key)
        expected = Expected(issuer, resource, options.clock_skew_seconds)
        self._verifier = _verifier(expected, introspection, options)
        supported = _supported_scopes(scopes, options)
        document = metadata_document(resource, issuer, supported, options.name)
        self.metadata = MetadataEndpoint(document, resource, options.cors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._lifespan(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            # A fetcher of another kind is its owner's to close.
            if isinstance(self._options.fetcher, HttpFetcher):
                await self._options.fetcher.aclose()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        cors = self._options.cors
        if text_of(scope, "path") in self.metadata.paths:
            await self.metadata(scope, receive, send)
            return
        if cors is not None and is_preflight(scope):
            await send_reply(preflight(cors, scope), send)
            return
        if cors is not None:
            send = opened_to_browsers(cors, scope, send)
        required = self._required(scope, text_of(scope, "method"))
        if required is None:
            await self._app(scope, receive, send)
            return
        try:
            visit = await self._admit(scope, required)
            own_scope = self._for_application(scope, visit)
        except _REFUSED as refusal:
            await send_reply(self._refusals.reply(refusal, required), send)
            return
        await self._serve(own_scope, visit, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        required = self._required(scope, "GET")
        if required is None:
            await self._app(scope, receive, send)
            return
        try:
            visit = await self._admit(scope, required)
            own_scope = self._for_application(scope, visit)
        except _REFUSED as refusal:
            await self._deny(refusal, required, scope, receive, send)
            return
        await self._app(own_scope, receive, send)

    async def _deny(
        self, refusal: Exception, required: tuple[str, ...], scope: Scope, receive: Receive, send: Send
    ) -> None:
        reply = self._refusals.reply(refusal, required)
        await receive()
        extensions = scope.get("extensions")
        if isinstance(extensions, dict) and "websocket.http.response" in extensions:
            await send_reply(reply, send, "websocket.http.response")
        else:
            # Before it was accepted: the server answers the handshake with 403.
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})

    def _required(self, scope: Scope, method: str) -> tuple[str, ...] | None:
        return required_scopes(self._table, method, path_of(scope))

    async def _admit(self, scope: Scope, required: tuple[str, ...]) -> Visit:
        if has_dot_segments(path_of(scope)):
            raise InvalidRequest("a path that climbs")
        presented = bearer_token(field_values(scope, b"authorization"), query_of(scope))
        if presented is None:
            raise TokenMissing("no bearer token")
        visit = Visit(await self._verifier.verify(presented), required, self._options.implied_scopes)
        if not visit.allows(required):
            raise InsufficientScope("the token lacks a scope that this route needs")
        return visit

    def _for_application(self, scope: Scope, visit: Visit) -> Scope:
        fields = []
        for name, value in raw_fields(scope):
            if name == SESSION_FIELD:
                session_id = self._sessions.find(value.decode("latin-1"), visit.token)
                if session_id is None:
                    raise ForeignSession("a session of somebody else, or of nobody")
                fields.append((name, session_id.encode("latin-1")))
            elif name != b"authorization" or self._options.forward_token:
                fields.append((name, value))
        return {**with_visit(scope, visit), "headers": fields}

    async def _serve(self, scope: Scope, visit: Visit, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if visit.wanted is None:
                visit.has_begun = True
                await send(self._with_bound_session(message, visit))
            else:
                await self._step_up(visit, send)

        try:
            await self._app(scope, receive, sending)
        except InsufficientScope:
            if visit.wanted is None:
                raise
        await self._step_up(visit, send)

    async def _step_up(self, visit: Visit, send: Send) -> None:
        # Once, in place of the whole response with which the application answers its own refusal.
        if visit.wanted is not None and not visit.has_begun:
            visit.has_begun = True
            await send_reply(self._refusals.step_up(visit.wanted), send)

    def _with_bound_session(self, message: Message, visit: Visit) -> Message:
        if message["type"] != "http.response.start":
            return message
        fields = [
            (name, self._sessions.bind(value.decode("latin-1"), visit.token).encode("latin-1"))
            if name == SESSION_FIELD
            else (name, value)
            for name, value in raw_fields(message)
        ]
        return {**message, "headers": fields}


def _verifier(expected: Expected, introspection: Introspection | None, options: Options) -> Verifier:
    if introspection is not None:
        return IntrospectionVerifier(introspection, expected, options.fetcher, options.clock)
    return KeyVerifier(expected, options.fetcher, options.clock, options.key_patience)


def _supported_scopes(scopes: Sequence[str], options: Options) -> tuple[str, ...]:
    if options.scopes_supported is not None:
        return scope_names("scopes_supported", options.scopes_supported)
    return challenge_scope(scopes, options.implied_scopes)
