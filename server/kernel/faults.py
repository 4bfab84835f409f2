"""What goes wrong outside of this process, in our words; the edges answer `Unavailable` with 503."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError


class Unavailable(Exception):
    """Something that Latchkey stands on does not answer; the same request may succeed a moment later."""


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, is busy for too long, or gave up on a statement."""


class DatabaseConflict(DatabaseUnavailable):
    """The database undid a transaction because of another one (deadlock, serialization): nothing of it was kept."""


class DatabaseLocked(DatabaseUnavailable):
    """Somebody else holds a lock for longer than this statement was to wait for it."""


class StateUnavailable(Unavailable):
    """Redis cannot be reached."""


class AlreadyExists(IntegrityError):
    """A row with this key is there already. The transaction in which it happened can only be rolled back."""


class TransactionAborted(Exception):
    """Something failed inside a transaction that was then to be committed; nothing of it was kept."""
