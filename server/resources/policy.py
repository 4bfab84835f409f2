"""Pure rules of resources. RFC 8707 §2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.protocol.errors import InvalidTarget
from server.protocol.resource_indicators import check_resource, find_resource, same_resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .records import Resource

_MAX_DISPLAY_NAME = 200


class InvalidResource(ValueError):
    """A resource cannot be defined like this; the message says why, in one line."""


def check_definition(resource: Resource, others: Iterable[Resource], issuer: str) -> None:
    """Raise InvalidResource unless the resource has a good identifier that no other one and no issuer answers to."""
    try:
        check_resource(resource.identifier)
    except InvalidTarget:
        raise InvalidResource("identifier must be an absolute URI of at most 500 characters, no fragment") from None
    if same_resource(resource.identifier, issuer):
        raise InvalidResource("the tenant's issuer is no resource: tokens asked for without a resource are for it")
    if any(other.id != resource.id and same_resource(resource.identifier, other.identifier) for other in others):
        raise InvalidResource("another resource has this identifier in another spelling")
    name = resource.display_name
    if not name.strip() or len(name) > _MAX_DISPLAY_NAME or not name.isprintable():
        raise InvalidResource(f"display_name must be 1 to {_MAX_DISPLAY_NAME} printable characters")


def choose(known: tuple[Resource, ...], presented: tuple[str, ...]) -> tuple[Resource, ...]:
    """The resources that a request names, each once, in its order; raises InvalidTarget for an unknown one."""
    by_identifier = {resource.identifier: resource for resource in known}
    chosen: dict[str, Resource] = {}
    for text in presented:
        check_resource(text)
        identifier = find_resource(tuple(by_identifier), text)
        if identifier is None:
            raise InvalidTarget("resource is not one of the tenant's")
        chosen[identifier] = by_identifier[identifier]
    return tuple(chosen.values())
