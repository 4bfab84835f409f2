"""One creation for one Idempotency-Key, however often the request arrives.

The IETF draft "The Idempotency-Key HTTP Header Field". An answer may hold a secret: it is kept sealed, for a day.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING
from uuid import UUID

from server.endpoints.wire import WireResponse
from server.kernel import digests, encryption
from server.kernel.clock import DAY, MINUTE
from server.kernel.json import dump_json, load_json
from server.kernel.shared_state import shared_state

from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEPT_FOR = DAY
UNDER_WAY_FOR = MINUTE
KEY_PATTERN = "[A-Za-z0-9._-]{1,255}"
_KEY = re.compile(KEY_PATTERN)
_PURPOSE = "api-idempotency"
_SUCCESSFUL = range(200, 300)


def check_key(key: str) -> None:
    """Raise Problem for a key that is none."""
    if not _KEY.fullmatch(key):
        raise Problem(400, "bad_request", "Idempotency-Key must be 1 to 255 letters, digits and . _ -")


async def once(
    tenant_id: UUID, key: str, request: bytes, answer: Callable[[], Awaitable[WireResponse]]
) -> WireResponse:
    """The answer to the first request under this key, which belongs to one operator; refusals are not kept.

    Raises Problem when the key came with another request before, or when the first one is not done yet.
    """
    state, name = shared_state(), digests.sha256(key)
    place, claim = f"api-answer:{name.hex()}", f"api-claim:{name.hex()}"
    mark = digests.sha256(request).hex()
    is_first = await state.claim(claim, UNDER_WAY_FOR)
    if kept := await state.get(place):
        return _again(encryption.unseal(_PURPOSE, tenant_id, _record(name), kept), mark)
    if not is_first:
        raise Problem(409, "in_progress", "The first request with this Idempotency-Key is not done yet.")
    try:
        response = await answer()
        if response.status in _SUCCESSFUL:
            sealed = encryption.seal(_PURPOSE, tenant_id, _record(name), _packed(response, mark))
            await state.put(place, sealed, KEPT_FOR)
    finally:
        await state.forget(claim)
    return response


def _record(name: bytes) -> UUID:
    return UUID(bytes=name[:16])


def _packed(response: WireResponse, mark: str) -> bytes:
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in response.headers]
    body = b64encode(response.body).decode("ascii")
    return dump_json({"mark": mark, "status": response.status, "headers": headers, "body": body}).encode()


def _again(kept: bytes, mark: str) -> WireResponse:
    document = load_json(kept)
    if not isinstance(document, dict) or not isinstance(headers := document["headers"], list):
        raise TypeError("a kept answer is an object with headers")
    if document["mark"] != mark:
        raise Problem(422, "key_reused", "This Idempotency-Key came with another request before.")
    pairs = tuple(
        (str(item[0]).encode("latin-1"), str(item[1]).encode("latin-1")) for item in headers if isinstance(item, list)
    )
    return WireResponse(
        int(str(document["status"])), (*pairs, (b"idempotent-replayed", b"true")), b64decode(str(document["body"]))
    )
