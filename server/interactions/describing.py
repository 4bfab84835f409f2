"""From a client_id that is an address to a client, in an interaction whose person is signed in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.kernel import logs
from server.protocol.errors import ConsentRequired, InteractionRequired, LoginRequired, OAuthError
from server.protocol.vocabulary import Prompt

from . import documented, leaving, policy, store
from .authorization import asked_of
from .people import find_signed_in
from .records import TrustedRedirect
from .requests import complete_request

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.authorization_request import AuthorizationRequest

    from .records import Interaction, Refusal, SendTo, Visit

log = logs.get_logger(__name__)


async def describe(visit: Visit, interaction: Interaction) -> tuple[Interaction, Client] | Refusal | SendTo:
    """Find the client of an interaction and what it asks for; from here on it is an interaction like any other.

    Raises what a person reads on a page (documented.get_described). Errors that come later may be brought to the
    client, as far as it has earned that.
    """
    client = await documented.get_described(visit, interaction)
    try:
        request = await complete_request(visit.tenant.id, client, interaction.request)
        await _check_possible(visit, client, request)
    except OAuthError as error:
        log.info("refused", endpoint="authorize", error=error.code, why=error.why, client=client.client_id)
        back = TrustedRedirect(client, interaction.request.redirect_uri, interaction.request.state)
        return await leaving.refuse(visit, back, error)
    described = replace(interaction, client_pk=client.id, request=request)
    await store.note_client(visit.tenant.id, described)
    return described, client


async def _check_possible(visit: Visit, client: Client, request: AuthorizationRequest) -> None:
    """Raise what the client has to be told when nothing may be asked, or nothing that could be asked would do."""
    policy.check_context(request)
    if Prompt.NONE not in request.prompt:
        return
    signed_in = await find_signed_in(visit)
    if signed_in is None or policy.needs_login(request, signed_in, None, visit.now):
        raise LoginRequired("nobody suitable is signed in, and prompt is none")
    if (await asked_of(visit.tenant.id, client, request, signed_in)).needs_consent:
        raise ConsentRequired("consent is needed, and prompt is none")
    if not (await leaving.judge(visit, client, request.redirect_uri, signed_in)).may_redirect:
        raise InteractionRequired("the place is not trusted, and prompt is none")
