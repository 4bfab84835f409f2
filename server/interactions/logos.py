"""The picture beside a client's name: ours, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients
from server.clients import ClientSource
from server.kernel import tasks

from . import policy

if TYPE_CHECKING:
    from server.clients import Client

    from .records import Visit


async def find_logo_uri(visit: Visit, client: Client) -> str | None:
    """Where we serve the client's logo, when it may be shown and is there.

    One that is not is fetched in the background, for whoever comes next; of clients that registered themselves it
    never is.
    """
    uri = client.metadata.logo_uri
    if uri is None or client.source is ClientSource.DYNAMIC:
        return None
    logo = await clients.find_logo(clients.logo_name(uri))
    if logo is None or not logo.is_fresh(visit.now):
        tasks.spawn(clients.fetch_logo(visit.tenant.id, uri, visit.now), "fetch a logo")
    return f"{visit.tenant.issuer}/logos/{logo.name}" if logo and policy.shows_logo(client) else None
