"""Posting a message to an address that somebody configured, as carefully as to any stranger's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.outbound import Errand, outbound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

# Every answer is one; what it says is for the delivery log, and redirects are never followed.
_ANSWERS = frozenset(range(200, 600))
_MOST_OF_AN_ANSWER = 16 * 1024
_STEP_SECONDS = 5
_TOTAL_SECONDS = 15


async def send(tenant_id: UUID, url: str, headers: Mapping[str, str], body: bytes) -> int:
    """POST once and return the status; raises FetchFailed when there was no answer. A Sender."""
    errand = Errand(
        url,
        tenant_id,
        max_bytes=_MOST_OF_AN_ANSWER,
        method="POST",
        headers=headers,
        body=body,
        statuses=_ANSWERS,
        step_seconds=_STEP_SECONDS,
        total_seconds=_TOTAL_SECONDS,
    )
    return (await outbound().run(errand)).status
