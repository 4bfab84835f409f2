"""The kinds of clients that can be created, and what each is by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.protocol.scopes import OFFLINE_ACCESS, OPENID
from server.protocol.vocabulary import ApplicationType, GrantType, TokenEndpointAuthMethod
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.json import JsonValue
    from server.scopes import Scope

_PEOPLE = (GrantType.AUTHORIZATION_CODE.value, GrantType.REFRESH_TOKEN.value)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. Title and sentence are in English; the template translates them."""

    name: str
    icon: str
    title: str
    sentence: str
    application_type: ApplicationType
    method: TokenEndpointAuthMethod
    redirect_uris: str | None  # the suggestion; None: the kind needs none
    grant_types: tuple[str, ...] = _PEOPLE

    def document(self, name: str, redirect_uris: tuple[str, ...], scope: str) -> Mapping[str, JsonValue]:
        """The metadata of a client of this kind, by the names of RFC 7591."""
        return {
            "client_name": name,
            "redirect_uris": list(redirect_uris),
            "application_type": self.application_type.value,
            "token_endpoint_auth_method": self.method.value,
            "grant_types": list(self.grant_types),
            "scope": scope,
        }

    def default_scope(self, known: Mapping[str, Scope]) -> list[str]:
        """What is ticked at first."""
        if self.redirect_uris is None:
            return [name for name, scope in known.items() if not scope.is_identity and not scope.sensitive]
        own = [name for name, scope in known.items() if scope.dynamic and not scope.is_identity]
        return [OPENID, "profile", OFFLINE_ACCESS, *(own if self.name == "mcp" else ())]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "mcp",
            "sparkles",
            mark("MCP client"),
            mark("An agent or editor on somebody's machine that reaches MCP servers for them."),
            ApplicationType.NATIVE,
            TokenEndpointAuthMethod.NONE,
            "http://127.0.0.1/callback\nhttp://localhost/callback",
        ),
        Kind(
            "web",
            "globe",
            mark("Web application"),
            mark("Runs on a server, which keeps a secret: most web sites with a login."),
            ApplicationType.WEB,
            TokenEndpointAuthMethod.CLIENT_SECRET_BASIC,
            "",
        ),
        Kind(
            "single-page",
            "app-window",
            mark("Single-page application"),
            mark("Runs in the browser alone, and keeps no secret."),
            ApplicationType.WEB,
            TokenEndpointAuthMethod.NONE,
            "",
        ),
        Kind(
            "native",
            "monitor-smartphone",
            mark("Native application"),
            mark("Is installed on a phone, a desktop or in a terminal."),
            ApplicationType.NATIVE,
            TokenEndpointAuthMethod.NONE,
            "http://127.0.0.1/callback",
        ),
        Kind(
            "service",
            "server",
            mark("Service"),
            mark("Acts for itself, with nobody signed in: jobs, back ends, other machines."),
            ApplicationType.WEB,
            TokenEndpointAuthMethod.CLIENT_SECRET_BASIC,
            None,
            (GrantType.CLIENT_CREDENTIALS.value,),
        ),
    )
}
