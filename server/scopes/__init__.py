"""Scopes: the permissions that a tenant knows, those of OpenID Connect included."""

from .policy import InvalidScope, check_definition
from .records import Scope
from .store import create, delete, list_public, list_scopes, update

__all__ = ["InvalidScope", "Scope", "check_definition", "create", "delete", "list_public", "list_scopes", "update"]
