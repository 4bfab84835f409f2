"""A tenant's keys: what it signs with, what it publishes, and what authenticates its codes and refresh tokens.

A signing key is announced, active, retiring, retired: published before it signs, and until the last token under it
has expired. Private parts are sealed under the master secret and destroyed at retirement.
"""

from .policy import is_overdue, renewal_of
from .records import Algorithm, KeyState, KeyTimes, MacKey, NoSuchKey, Sealed, SigningKey, VerificationKey
from .rotation import ensure_keys, retire_now, rotate, rotate_due
from .store import (
    count_former,
    find_verification_key,
    list_timeline,
    mac_key,
    mac_keys,
    public_keys,
    rewrap,
    signing_key,
)

__all__ = [
    "Algorithm",
    "KeyState",
    "KeyTimes",
    "MacKey",
    "NoSuchKey",
    "Sealed",
    "SigningKey",
    "VerificationKey",
    "count_former",
    "ensure_keys",
    "find_verification_key",
    "is_overdue",
    "list_timeline",
    "mac_key",
    "mac_keys",
    "public_keys",
    "renewal_of",
    "retire_now",
    "rewrap",
    "rotate",
    "rotate_due",
    "signing_key",
]
