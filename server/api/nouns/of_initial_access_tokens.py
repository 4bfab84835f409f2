"""Initial access tokens: what lets its holder register clients. RFC 7591 §3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from server.administration import Permission
from server.administration import initial_access_tokens as acts
from server.api.documents import Duration, Name, Time, document, fill
from server.api.routes import Answer, Call, Route, listed
from server.api.shapes import Text, Whole
from server.initial_access_tokens import InitialAccessToken, Template
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod

ScopeName = Annotated[str, Text(1, 200)]
HostName = Annotated[str, Text(1, 253)]


@document
@dataclass(frozen=True, slots=True)
class RegistrationTemplate:
    """What may be registered. What is null is as for everybody who registers."""

    scope: tuple[ScopeName, ...] | None = None
    grant_types: tuple[GrantType, ...] = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    auth_methods: tuple[TokenEndpointAuthMethod, ...] = tuple(TokenEndpointAuthMethod)
    redirect_hosts: tuple[HostName, ...] | None = None


@document
@dataclass(frozen=True, slots=True)
class InitialAccessTokenDocument:
    """An initial access token; its text was shown once."""

    id: UUID
    name: Name
    template: RegistrationTemplate
    uses: int
    max_uses: int
    created_at: Time
    valid_until: Time
    revoked_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class NewInitialAccessToken:
    """An initial access token to be made."""

    name: Name
    valid_for: Duration
    max_uses: Annotated[int, Whole(1)] = 1
    template: RegistrationTemplate = RegistrationTemplate()


@document
@dataclass(frozen=True, slots=True)
class InitialAccessTokenText:
    """An initial access token that was just made: the only copy of its text."""

    token: Annotated[str, Text(1, 512)]


async def list_tokens(call: Call) -> Answer:
    """The initial access tokens that were ever made."""
    return listed(await acts.page(call.operator, call.tenant, call.paging), _show)


async def create_token(call: Call) -> Answer:
    """Make an initial access token. Its text is shown this once."""
    body = call.body(NewInitialAccessToken)
    text = await acts.create(
        call.operator,
        call.tenant,
        body.name,
        fill(Template, body.template),
        max_uses=body.max_uses,
        valid_until=call.now + body.valid_for,
        now=call.now,
    )
    return Answer(InitialAccessTokenText(text))


async def revoke_token(call: Call) -> Answer:
    """Let nobody register with a token any more; the clients that it brought stay."""
    token = await acts.get(call.operator, call.tenant, call.identifier("token"))
    await acts.revoke(call.operator, call.tenant, token, call.now)
    return Answer()


def _show(token: InitialAccessToken) -> InitialAccessTokenDocument:
    return fill(InitialAccessTokenDocument, token, template=fill(RegistrationTemplate, token.template))


ALL = "/tenants/{tenant}/initial-access-tokens"
READ, MANAGE = Permission.READ, Permission.MANAGE_CLIENTS
ROUTES = (
    Route("GET", ALL, "listInitialAccessTokens", list_tokens, READ, InitialAccessTokenDocument, paged=True),
    Route(
        "POST", ALL, "createInitialAccessToken", create_token, MANAGE, InitialAccessTokenText, NewInitialAccessToken,
        status=201,
    ),
    Route("DELETE", f"{ALL}/{{token}}", "revokeInitialAccessToken", revoke_token, MANAGE),
)  # fmt: skip
