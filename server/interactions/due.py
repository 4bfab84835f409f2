"""The step that is due: login, consent, redirect, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.protocol.vocabulary import Prompt
from server.tenants import KeepSignedIn
from server.trust import Action

from . import consent, leaving, policy, redirect
from .authorization import asked_of, get_client, get_open
from .describing import describe
from .people import find_signed_in
from .records import LoginView, Refusal, SendTo
from .steps import find_step

if TYPE_CHECKING:
    from server.clients import Client

    from .records import ConsentView, HeldView, Interaction, RedirectView, SignedIn, Visit


async def view(visit: Visit, handle: str) -> LoginView | ConsentView | RedirectView | HeldView | SendTo | Refusal:
    """What this browser's person has to do next; a flow with nothing left to ask ends here.

    Raises InteractionGone and, when a client's document has to be fetched, what describing.describe raises.
    """
    interaction = await get_open(visit, handle)
    if interaction.client_pk is not None:
        return await _next(visit, interaction, await get_client(visit, interaction))
    signed_in, request = await find_signed_in(visit), interaction.request
    # Where nobody may be asked, the client has to be told so: its document says where.
    silent = Prompt.NONE in request.prompt
    if signed_in is None or (not silent and policy.needs_login(request, signed_in, interaction, visit.now)):
        return _login(visit, interaction, signed_in)
    described = await describe(visit, interaction)
    if isinstance(described, Refusal | SendTo):
        return described
    return await _next(visit, *described)


async def _next(
    visit: Visit, interaction: Interaction, client: Client
) -> LoginView | ConsentView | RedirectView | HeldView | SendTo | Refusal:
    step = await find_step(visit, interaction, client)
    if step is None:
        return _login(visit, interaction, await find_signed_in(visit))
    if step.decision.action is Action.BLOCK:
        return await leaving.block(visit, client, step.decision, step.signed_in)
    asked = await asked_of(visit.tenant.id, client, interaction.request, step.signed_in)
    allowed = consent.find_allowed(step, asked)
    if allowed is None:
        return await consent.show(step, asked)
    return await redirect.leave(step, allowed)


def _login(visit: Visit, interaction: Interaction, signed_in: SignedIn | None) -> LoginView:
    """Names no client: of one that has yet to be found nobody knows a name, and of the others nobody needs it."""
    request = interaction.request
    hint = request.login_hint or (signed_in.user.username if signed_in else "")
    return LoginView(
        interaction.handle,
        hint,
        reauthenticate=signed_in is not None,
        offers_keeping=visit.tenant.settings.keep_signed_in is KeepSignedIn.OFFERED,
        ui_locales=request.ui_locales,
    )
