"""Users: the people who sign in at a tenant. `find` is cached and gives disabled people too."""

from .policy import InvalidUser, check_user, identifier_key, is_identifier, new_user
from .records import User
from .store import create, delete, find, find_by_identifier, list_users, update, user_of

__all__ = [
    "InvalidUser",
    "User",
    "check_user",
    "create",
    "delete",
    "find",
    "find_by_identifier",
    "identifier_key",
    "is_identifier",
    "list_users",
    "new_user",
    "update",
    "user_of",
]
