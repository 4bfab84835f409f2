"""Who stands behind a grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import users
from server.protocol.errors import InvalidGrant
from server.tokens import GrantHolder

if TYPE_CHECKING:
    from server.grants import Grant

    from .records import TokenRequest


async def holder_of(request: TokenRequest, grant: Grant) -> GrantHolder:
    """The grant with its client and its person; raises InvalidGrant for a person who is gone or disabled."""
    user = await users.find(request.tenant.id, grant.user_id)
    if user is None or not user.enabled:
        raise InvalidGrant("grant of a person who is gone or disabled")
    return GrantHolder(grant, user, request.client)
