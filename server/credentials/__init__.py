"""Credentials: what people prove themselves with. Hashes only; hashing is `server.kernel.passwords`."""

from .policy import InvalidPassword, check_password
from .store import password_of, remove_password, replace_password_hash, set_password

__all__ = [
    "InvalidPassword",
    "check_password",
    "password_of",
    "remove_password",
    "replace_password_hash",
    "set_password",
]
