"""The audit slice: what happened, to whom and by whom, written in the transaction in which it happened.

Rows are only ever appended. Persons, clients and grants stand in them by id, so that an account can be deleted.
What operators do is told by the many events of `administration_events`.
"""

from . import administration_events
from .events import (
    ClientAuthenticationFailed,
    ClientDeregistered,
    ClientMetadataReplaced,
    ClientRegistered,
    ClientsExpired,
    CodeReplayed,
    ConsentDeclined,
    GrantCreated,
    GrantRevoked,
    KeyRotated,
    LoginFailed,
    LoginSucceeded,
    RefreshReplayed,
    SessionEnded,
    TokenIssued,
    TokenRefreshed,
    TokenRevoked,
)
from .chain_store import rewrap
from .checkpoints import ForeignCheckpoint
from .records import Actor, ActorKind, AuditEntry, Filters, Outcome, Page
from .registry import Event, event, event_types
from .sealing import NoChain, checkpoint_now, seal_new
from .search_store import find, list_after, list_of, search
from .store import entry, record
from .trust_events import TrustPolicySaved, TrustVerdictRemoved, TrustVerdictSet
from .verification import Breach, BrokenChain, Verified, verify

__all__ = [
    "AuditEntry",
    "Filters",
    "Page",
    "Breach",
    "BrokenChain",
    "Verified",
    "verify",
    "NoChain",
    "checkpoint_now",
    "seal_new",
    "find",
    "list_after",
    "list_of",
    "search",
    "rewrap",
    "ForeignCheckpoint",
    "Actor",
    "ActorKind",
    "ClientAuthenticationFailed",
    "ClientDeregistered",
    "ClientMetadataReplaced",
    "ClientRegistered",
    "ClientsExpired",
    "CodeReplayed",
    "ConsentDeclined",
    "Event",
    "GrantCreated",
    "GrantRevoked",
    "KeyRotated",
    "LoginFailed",
    "LoginSucceeded",
    "Outcome",
    "RefreshReplayed",
    "SessionEnded",
    "TokenIssued",
    "TokenRefreshed",
    "TokenRevoked",
    "TrustPolicySaved",
    "TrustVerdictRemoved",
    "TrustVerdictSet",
    "administration_events",
    "entry",
    "event",
    "event_types",
    "record",
]
