"""Who did something, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from uuid import UUID


class Outcome(StrEnum):
    """How it went."""

    SUCCESS = "success"
    FAILURE = "failure"


class ActorKind(StrEnum):
    """What kind of party acted."""

    USER = "user"
    CLIENT = "client"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted; `id` is an internal id or, for an operating-system user, a name."""

    kind: ActorKind
    id: str | None = None

    @classmethod
    def user(cls, user_id: UUID) -> Self:
        """A person of the tenant."""
        return cls(ActorKind.USER, str(user_id))

    @classmethod
    def client(cls, client_pk: UUID) -> Self:
        """A client of the tenant."""
        return cls(ActorKind.CLIENT, str(client_pk))

    @classmethod
    def administrator(cls, user_id: UUID) -> Self:
        """A person of the system tenant."""
        return cls(ActorKind.ADMINISTRATOR, str(user_id))

    @classmethod
    def system(cls, name: str | None = None) -> Self:
        """Latchkey itself, or whoever holds its command line."""
        return cls(ActorKind.SYSTEM, name)
