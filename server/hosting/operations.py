"""What is for those who run the server, at any host: is it alive, is it ready, how does it fare.

Figures are nobody's business on the internet. They are told to a peer next door that no proxy speaks for, and only
where it is known which proxies there are; to everybody else there is nothing at that address. ADR 0027.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import streams
from server.endpoints.wire import WireResponse
from server.kernel import hosts
from server.kernel.metrics import CONTENT_TYPE, Sampled, families, render

from . import health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.metrics import Figures
    from server.settings import Settings

    from .head import Head

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
# What proxies add: RFC 7239, RFC 9110 §7.6.3, and what is customary. `x-forwarded-…` are all meant.
_OF_PROXIES = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})

_ready = Sampled("latchkey_ready", "1 for each check of /readyz that passes.", ("check",))


class Operations:
    """The checks and the figures of this process."""

    def __init__(self, settings: Settings, figures: Figures) -> None:
        self.figures = figures
        self.readiness = health.Readiness(settings)
        self._settings = settings
        _ready.ask(self.readiness.verdicts)

    def stop(self) -> None:
        """Send others elsewhere, and let go who only listens: this process finishes what it has and ends."""
        self.readiness.stop()
        streams.end_tails()

    async def answer(self, head: Head, peer: str) -> WireResponse | None:
        """The response; None where nothing is to be seen by this peer."""
        if head.path == "/healthz":
            return health.alive()
        if head.path == "/readyz":
            return await self.readiness.answer()
        if not may_read_figures(self._settings, head.headers, peer):
            return None
        text = render(families(), await self.figures.all())
        fields = ((b"content-type", CONTENT_TYPE.encode("ascii")), (b"cache-control", b"no-store"))
        return WireResponse(200, fields, text)


def may_read_figures(settings: Settings, headers: Mapping[str, str], peer: str) -> bool:
    """Whether a request comes from next door, and not from a stranger through a proxy."""
    if any(name in _OF_PROXIES or name.startswith("x-forwarded-") for name in headers):
        return False
    if settings.is_loopback:
        return hosts.is_loopback_address(peer)
    # A proxy that is named adds such fields. While none is named, whoever comes may come through one that does not.
    asks_as_the_public = headers.get("host", "").lower() == settings.public_host
    return bool(settings.trusted_proxies) and hosts.is_private_address(peer) and not asks_as_the_public
