"""The words of the trust policy, and what it must know of a client."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from server.protocol import redirect_uris

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant


class Action(StrEnum):
    """What happens to somebody who is about to leave for a place."""

    TRUST = "trust"
    CONFIRM = "confirm"
    HOLD = "hold"
    BLOCK = "block"


class Source(StrEnum):
    """How a client came to be known; the words are those of clients."""

    ADMIN = "admin"
    DYNAMIC = "dynamic"
    METADATA_DOCUMENT = "metadata_document"


class Judgement(StrEnum):
    """What an administrator says of one place, once and for all."""

    TRUST = "trust"
    BLOCK = "block"


class Reputation(StrEnum):
    """What an external service said of a host; `unknown` when none was asked, or it could not say."""

    UNKNOWN = "unknown"
    SUSPICIOUS = "suspicious"
    MALICIOUS = "malicious"


class Reason(StrEnum):
    """What decided, in the order in which it is asked."""

    HARD_RULE = "hard_rule"
    BLOCK_VERDICT = "block_verdict"
    MALICIOUS = "malicious"
    CLIENT_VERDICT = "client_verdict"
    HOST_VERDICT = "host_verdict"
    RULE = "rule"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What trust must know of a client. `promoted`: an administrator answers for it, though it registered itself."""

    client_id: str
    source: Source
    registered_at: Instant
    metadata_digest: str
    pk: UUID | None = None  # None: it has no row yet
    client_id_host: str | None = None  # of a client_id that is the address of a metadata document
    client_uri_host: str | None = None
    loopback_only: bool = False  # every redirect URI leads to the person's own machine
    promoted: bool = False

    @property
    def standing(self) -> Source:
        """The source that counts: a promoted client is like one that an administrator registered."""
        return Source.ADMIN if self.promoted else self.source


class DescribedMetadata(Protocol):
    """The metadata of a client, as far as trust looks at it."""

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """Where it may be answered."""

    @property
    def client_uri(self) -> str | None:
        """Its own home page."""


class DescribedClient(Protocol):
    """Any client that is stored: clients.Client is one."""

    @property
    def id(self) -> UUID:
        """The internal key."""

    @property
    def client_id(self) -> str:
        """What the wire says."""

    @property
    def source(self) -> StrEnum:
        """How it came to be known."""

    @property
    def metadata(self) -> DescribedMetadata:
        """How it describes itself."""

    @property
    def metadata_digest(self) -> str:
        """Changes with the metadata."""

    @property
    def created_at(self) -> Instant:
        """When it was registered."""


def client_facts(client: DescribedClient, *, promoted: bool = False) -> ClientFacts:
    """What trust must know of a stored client."""
    source = Source(client.source.value)
    uris = client.metadata.redirect_uris
    return ClientFacts(
        client_id=client.client_id,
        source=source,
        registered_at=client.created_at,
        metadata_digest=client.metadata_digest,
        pk=client.id,
        client_id_host=redirect_uris.host_of(client.client_id) if source is Source.METADATA_DOCUMENT else None,
        client_uri_host=redirect_uris.host_of(client.metadata.client_uri or ""),
        loopback_only=bool(uris) and all(map(redirect_uris.is_loopback, uris)),
        promoted=promoted,
    )
