"""The place that a person is about to be sent to, as every page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.foreign_text import readable_host

if TYPE_CHECKING:
    from server.interactions import Destination


@dataclass(frozen=True, slots=True)
class Place:
    """Where the browser will be sent: the host in two parts, the registrable domain last, and its port."""

    kind: str  # web, loopback, private_use
    before: str
    strong: str
    after: str
    reads_as: str | None  # of a punycode host
    differs_from_client: bool
    is_new: bool = False
    is_established: bool = False


def place_of(destination: Destination) -> Place:
    """The place, never shortened."""
    kind = destination.kind.value
    if not destination.host:
        return Place(kind, "", destination.scheme, ":", None, destination.differs_from_client)
    host, strong = destination.host, destination.registrable or destination.host
    return Place(
        kind,
        host.removesuffix(strong),
        strong,
        f":{destination.port}" if destination.port else "",
        readable_host(host),
        destination.differs_from_client,
        destination.is_new,
        destination.is_established,
    )
