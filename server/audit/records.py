"""Who did something, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue


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


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event as it is read. Its id tells when it was recorded, `occurred_at` what its request took for the time."""

    id: UUID
    occurred_at: Instant
    event: str
    outcome: Outcome
    actor: Actor
    subject_id: UUID | None
    client_pk: UUID | None
    grant_id: UUID | None
    remote_address: str | None
    user_agent: str | None
    correlation_id: str | None
    details: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Filters:
    """What events are looked for: all that is given must fit. `since` and `until` go by when they were recorded."""

    event: str | None = None  # a name, or `login.*` for all of the kind
    outcome: Outcome | None = None
    actor_id: str | None = None
    client_pk: UUID | None = None
    subject_id: UUID | None = None
    remote_address: str | None = None
    correlation_id: str | None = None
    since: Instant | None = None
    until: Instant | None = None  # and not this instant itself


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """What an administrator looks for again and again in one tenant's log: `query` is that of the page's URL."""

    id: UUID
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and where the next page begins; None: there is no next page."""

    entries: tuple[AuditEntry, ...]
    cursor: UUID | None
