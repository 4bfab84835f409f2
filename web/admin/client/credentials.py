"""How a client proves who it is: two secrets at most, so that it can go over from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import clients as acts
from server.administration.finding import Unknown
from server.clients import InvalidClientDefinition, TooManySecrets
from server.endpoints.wire import redirect
from web.admin.client.contexts import CredentialsPage, head_of, secret_entries
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.once import keep_once, take_once
from web.admin.rows import does, shows

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

MOST_SECRETS = 2


async def credentials(visit: ConsoleVisit) -> WireResponse:
    """The secrets; the text of one that was made just now is shown once."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    head = head_of(visit, client, "credentials")
    page = CredentialsPage(
        head=head,
        method=client.metadata.token_endpoint_auth_method.value,
        has_secrets=client.has_secret_method,
        secrets=secret_entries(visit, client),
        may_add=head.may_manage and client.has_secret_method and len(client.secrets) < MOST_SECRETS,
        fresh=await take_once(visit, visit.query.get("fresh")),
    )
    return draw(visit, "admin/client/credentials.html", page)


async def add_secret(visit: ConsoleVisit) -> WireResponse:
    """Make one more secret."""
    pk = visit.identifier("client")
    try:
        secret = await acts.add_secret(visit.operator, visit.tenant, pk, visit.now)
    except (TooManySecrets, InvalidClientDefinition):
        # The page no longer offers it.
        return done(visit, visit.uri("clients", pk, "credentials"), "unchanged")
    return redirect(visit.uri("clients", pk, "credentials", fresh=await keep_once(visit, secret)))


async def remove_secret(visit: ConsoleVisit) -> WireResponse:
    """Let a secret no longer count."""
    pk = (await acts.get(visit.operator, visit.tenant, visit.identifier("client"))).id
    try:
        await acts.remove_secret(visit.operator, visit.tenant, pk, visit.identifier("secret"), visit.now)
    except Unknown:
        return done(visit, visit.uri("clients", pk, "credentials"), "unchanged")
    return done(visit, visit.uri("clients", pk, "credentials"), "removed")


ONE = "/t/<tenant>/clients/<client>"
ROWS = (
    shows(f"{ONE}/credentials", credentials),
    does(f"{ONE}/secrets", add_secret, Permission.MANAGE_CLIENTS),
    does(f"{ONE}/secrets/<secret>/remove", remove_secret, Permission.MANAGE_CLIENTS),
)
