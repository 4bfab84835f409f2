"""Logos of clients: fetched in the background, re-encoded, and served from here and nowhere else. RFC 7591 §2.

A page never waits for one: whoever looks first sees none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel import digests, images, logs
from server.kernel.clock import DAY, HOUR
from server.kernel.images import NotAnImage
from server.kernel.outbound import Errand, FetchFailed, outbound
from server.kernel.shared_state import shared_state

from . import document_store

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

log = logs.get_logger(__name__)

MAX_LOGO = 512 * 1024  # bytes, as fetched
RENEWED_AFTER = 7 * DAY


@dataclass(frozen=True, slots=True)
class Logo:
    """A small PNG of our own making, and the name that it is served under."""

    name: str
    image: bytes = field(repr=False)
    fetched_at: Instant

    def is_fresh(self, now: Instant) -> bool:
        """Whether it need not be asked for again."""
        return now - self.fetched_at < RENEWED_AFTER


def logo_name(uri: str) -> str:
    """What the logo at an address is called here: 64 hexadecimal digits."""
    return digests.sha256(uri).hex()


async def find_logo(name: str) -> Logo | None:
    """A logo that was fetched; cached."""
    kept = await document_store.find_logo(name)
    return None if kept is None else Logo(name, *kept)


async def fetch_logo(tenant_id: UUID, uri: str, now: Instant) -> None:
    """Fetch and keep the logo at an address, at most once an hour; that there is none worth keeping is only logged."""
    name = logo_name(uri)
    if not await shared_state().claim(f"client-logo:{name}", HOUR):
        return
    try:
        fetched = await outbound().run(Errand(uri, tenant_id, MAX_LOGO, headers={"accept": "image/*"}))
        image = await images.as_small_png(fetched.body)
    except (FetchFailed, NotAnImage) as failure:
        log.info("logo refused", why=str(failure))
        return
    await document_store.keep_logo(name, image, now)
