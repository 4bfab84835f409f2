"""The step that is due: login, consent, redirect, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.trust import Action

from . import consent, leaving, redirect
from .authorization import asked_of, get_interaction
from .people import find_signed_in
from .records import LoginView
from .steps import find_step

if TYPE_CHECKING:
    from .records import ConsentView, HeldView, Interaction, RedirectView, Refusal, SendTo, Visit


async def view(visit: Visit, handle: str) -> LoginView | ConsentView | RedirectView | HeldView | SendTo | Refusal:
    """What this browser's person has to do next; a flow with nothing left to ask ends here.

    Raises InteractionGone.
    """
    interaction, client = await get_interaction(visit, handle)
    step = await find_step(visit, interaction, client)
    if step is None:
        return await _login(visit, interaction)
    if step.decision.action is Action.BLOCK:
        return await leaving.block(visit, client, step.decision, step.signed_in)
    asked = await asked_of(visit.tenant.id, client, interaction.request, step.signed_in)
    allowed = consent.find_allowed(step, asked)
    if allowed is None:
        return await consent.show(step, asked)
    return await redirect.leave(step, allowed)


async def _login(visit: Visit, interaction: Interaction) -> LoginView:
    signed_in = await find_signed_in(visit)
    request = interaction.request
    hint = request.login_hint or (signed_in.user.username if signed_in else "")
    return LoginView(interaction.handle, hint, reauthenticate=signed_in is not None, ui_locales=request.ui_locales)
