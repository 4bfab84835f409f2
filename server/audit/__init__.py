"""The audit slice: what happened, to whom and by whom, written in the transaction in which it happened.

Rows are only ever appended, sealed in a chain per tenant a few seconds later, and let go by retention. Persons, clients and grants stand in them by id, so that an account can be deleted.
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
    WebhookPaused,
)
from .chain_store import rewrap
from .checkpoints import ForeignCheckpoint
from .exporting import Format, as_json, as_time, export
from .records import Actor, ActorKind, AuditEntry, Filters, Outcome, Page
from .registry import Event, event, event_types
from .retention import add_partitions, trim
from .sealing import NoChain, checkpoint_now, seal_new
from .search_store import find, list_after, list_of, search
from .store import entry, record
from .trust_events import TrustPolicySaved, TrustVerdictRemoved, TrustVerdictSet
from .live_tail import tail
from .verification import Breach, BrokenChain, Verified, verify

__all__ = [
    "Format",
    "as_json",
    "as_time",
    "export",
    "add_partitions",
    "trim",
    "tail",
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
    "WebhookPaused",
    "administration_events",
    "entry",
    "event",
    "event_types",
    "record",
]
