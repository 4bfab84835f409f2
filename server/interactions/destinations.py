"""Where people are about to be sent, in words for them: host first, registrable domain apart. RFC 8252 §7."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.trust import Signal, Source, TargetKind

from .records import Destination

if TYPE_CHECKING:
    from server.trust import Decision

_NEW = frozenset({Signal.NEWLY_SEEN, Signal.FEW_USERS})


def destination_of(decision: Decision) -> Destination:
    """The place of a decision. What is said of it is said of this very place, never of another of the client's."""
    target = decision.facts.target
    raised = {hit.signal for hit in decision.signals}
    port = urlsplit(decision.facts.redirect_uri).port if target.unusual_port else None
    return Destination(
        kind=target.kind,
        scheme=target.scheme,
        host=target.host,
        registrable=target.registrable if target.kind is TargetKind.WEB else "",
        port=port,
        differs_from_client=decision.facts.differs_from_client,
        # Of an application that an administrator answers for, nobody has to be warned like that.
        is_new=bool(raised & _NEW) and decision.facts.source is not Source.ADMIN,
        is_established=Signal.ESTABLISHED in raised,
    )


def reasons_of(decision: Decision) -> tuple[Signal, ...]:
    """Why the place is not known to be trustworthy, what weighs most first."""
    against = [hit for hit in decision.signals if hit.weight > 0]
    return tuple(hit.signal for hit in sorted(against, key=lambda hit: -hit.weight))


def host_of_link(uri: str | None) -> str | None:
    """The host of a client's own link, when it is one to be shown."""
    if not uri:
        return None
    parts = urlsplit(uri)
    return parts.hostname.lower() if parts.scheme == "https" and parts.hostname else None
