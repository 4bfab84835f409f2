"""What every step after the login looks at anew: client, redirect URI, person and trust policy as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import leaving, policy
from .authorization import get_client, get_open
from .people import find_signed_in
from .records import PersonChanged

if TYPE_CHECKING:
    from server.clients import Client
    from server.trust import Decision

    from .records import Interaction, SignedIn, Visit


@dataclass(frozen=True, slots=True)
class Step:
    """Who is where in which interaction, and what trust says of the place now."""

    visit: Visit
    interaction: Interaction
    client: Client
    signed_in: SignedIn
    decision: Decision

    @property
    def seen_by(self) -> str:
        """The part of every page's fingerprint that is about the person and the client."""
        return f"{self.signed_in.user.id}\n{self.client.client_id}\n{self.client.metadata_digest}"


async def find_step(visit: Visit, interaction: Interaction, client: Client) -> Step | None:
    """The step of a person who is signed in; None while somebody has to sign in."""
    return await step_of(visit, interaction, client, await find_signed_in(visit))


async def step_of(visit: Visit, interaction: Interaction, client: Client, signed_in: SignedIn | None) -> Step | None:
    """The same where it is known who is signed in."""
    if signed_in is None or policy.needs_login(interaction.request, signed_in, interaction, visit.now):
        return None
    decision = await leaving.judge(visit, client, interaction.request.redirect_uri, signed_in)
    return Step(visit, interaction, client, signed_in, decision)


async def get_step(visit: Visit, handle: str) -> Step:
    """The step that a page's form is an answer to; raises InteractionGone, and PersonChanged for a login."""
    interaction = await get_open(visit, handle)
    if interaction.client_pk is None:
        raise PersonChanged
    step = await find_step(visit, interaction, await get_client(visit, interaction))
    if step is None:
        raise PersonChanged
    return step
