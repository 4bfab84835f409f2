"""Resources: the MCP servers and APIs that a tenant issues tokens for. RFC 8707."""

from .policy import InvalidResource, check_definition, choose
from .records import Resource, TokenFormat
from .store import create, delete, list_resources, resolve, update

__all__ = [
    "InvalidResource",
    "Resource",
    "TokenFormat",
    "check_definition",
    "choose",
    "create",
    "delete",
    "list_resources",
    "resolve",
    "update",
]
