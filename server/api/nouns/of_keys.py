"""Signing keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from server.administration import Permission
from server.administration import keys as acts
from server.api.documents import Time, document, fill
from server.api.routes import Answer, Call, Route
from server.api.shapes import Text
from server.keys import Algorithm, KeyState


@document
@dataclass(frozen=True, slots=True)
class KeyDocument:
    """A signing key with its place on the timeline."""

    kid: Annotated[str, Text(1, 64)]
    algorithm: Algorithm
    state: KeyState
    created_at: Time
    activates_at: Time
    retires_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class KeyTimeline:
    """Every signing key that a tenant ever had, the newest first."""

    keys: tuple[KeyDocument, ...]


async def list_keys(call: Call) -> Answer:
    """The timeline of a tenant's signing keys: announced, active, retiring, retired."""
    return await _timeline(call)


async def rotate_keys(call: Call) -> Answer:
    """Sign with new keys from now on; the old ones stay published until their last tokens have expired."""
    await acts.rotate(call.operator, call.tenant, call.now)
    return await _timeline(call)


async def retire_key(call: Call) -> Answer:
    """End a signing key before its time, for one that somebody else may have: what it signed counts no more."""
    await acts.retire(call.operator, call.tenant, call.parameters["key"], call.now)
    return await _timeline(call)


async def _timeline(call: Call) -> Answer:
    found = await acts.timeline(call.operator, call.tenant)
    return Answer(KeyTimeline(tuple(fill(KeyDocument, key) for key in found)))


ALL = "/tenants/{tenant}/keys"
ROUTES = (
    Route("GET", ALL, "listKeys", list_keys, Permission.READ, KeyTimeline),
    Route("POST", f"{ALL}/rotation", "rotateKeys", rotate_keys, Permission.MANAGE_KEYS, KeyTimeline),
    Route("POST", f"{ALL}/{{key}}/retirement", "retireKey", retire_key, Permission.MANAGE_KEYS, KeyTimeline),
)
