"""The audit slice: what happened, to whom and by whom, written in the transaction in which it happened.

Rows are only ever appended, sealed in a chain for each tenant a few seconds later, and let go by retention. Persons,
clients and grants stand in them by id, so that an account can be deleted.
What operators do is told by the many events of `administration_events`, `people_events` and `platform_events`, what
became of people on their way out by those of `redirect_events`.
"""

from . import administration_events, people_events, platform_events
from .chain_store import last_seal, list_sealed, rewrap
from .checkpoints import ForeignCheckpoint
from .events import (
    ClientAuthenticationFailed,
    ClientDeregistered,
    ClientDescribed,
    ClientDocumentRefused,
    ClientMetadataChanged,
    ClientMetadataReplaced,
    ClientRegistered,
    ClientsExpired,
    CodeReplayed,
    ConsentDeclined,
    GrantCreated,
    GrantRevoked,
    KeyRotated,
    LoginFailed,
    LoginSlowedDown,
    LoginSucceeded,
    RefreshReplayed,
    SessionEnded,
    TokenIssued,
    TokenRefreshed,
    TokenRevoked,
)
from .exporting import Format, as_json, as_time, export
from .live_tail import tail
from .records import Actor, ActorKind, AuditEntry, Filters, Outcome, Page
from .redirect_events import (
    Judged,
    RedirectBlocked,
    RedirectCancelled,
    RedirectConfirmed,
    RedirectHeld,
    RedirectReported,
    RedirectWithheld,
)
from .registry import Event, event, event_types
from .retention import add_partitions, trim
from .sealing import NoChain, checkpoint_now, seal_new
from .search_store import find, list_after, list_of, search
from .status import ChainStatus, chain_status
from .store import entry, record
from .trust_events import (
    TrustDomainClaimed,
    TrustDomainRemoved,
    TrustDomainVerified,
    TrustHoldSettled,
    TrustPolicySaved,
    TrustVerdictRemoved,
    TrustVerdictSet,
)
from .verification import Breach, BrokenChain, Verified, verify
from .webhook_events import (
    AuditExported,
    WebhookCreated,
    WebhookDeliveriesRetried,
    WebhookPaused,
    WebhookRemoved,
    WebhookSecretRetired,
    WebhookSecretRotated,
    WebhookUpdated,
)

__all__ = [
    "Actor",
    "ActorKind",
    "AuditEntry",
    "AuditExported",
    "Breach",
    "BrokenChain",
    "ChainStatus",
    "ClientAuthenticationFailed",
    "ClientDeregistered",
    "ClientDescribed",
    "ClientDocumentRefused",
    "ClientMetadataChanged",
    "ClientMetadataReplaced",
    "ClientRegistered",
    "ClientsExpired",
    "CodeReplayed",
    "ConsentDeclined",
    "Event",
    "Filters",
    "ForeignCheckpoint",
    "Format",
    "GrantCreated",
    "GrantRevoked",
    "Judged",
    "KeyRotated",
    "LoginFailed",
    "LoginSlowedDown",
    "LoginSucceeded",
    "NoChain",
    "Outcome",
    "Page",
    "RedirectBlocked",
    "RedirectCancelled",
    "RedirectConfirmed",
    "RedirectHeld",
    "RedirectReported",
    "RedirectWithheld",
    "RefreshReplayed",
    "SessionEnded",
    "TokenIssued",
    "TokenRefreshed",
    "TokenRevoked",
    "TrustDomainClaimed",
    "TrustDomainRemoved",
    "TrustDomainVerified",
    "TrustHoldSettled",
    "TrustPolicySaved",
    "TrustVerdictRemoved",
    "TrustVerdictSet",
    "Verified",
    "WebhookCreated",
    "WebhookDeliveriesRetried",
    "WebhookPaused",
    "WebhookRemoved",
    "WebhookSecretRetired",
    "WebhookSecretRotated",
    "WebhookUpdated",
    "add_partitions",
    "administration_events",
    "as_json",
    "as_time",
    "chain_status",
    "checkpoint_now",
    "entry",
    "event",
    "event_types",
    "export",
    "find",
    "last_seal",
    "list_after",
    "list_of",
    "list_sealed",
    "people_events",
    "platform_events",
    "record",
    "rewrap",
    "seal_new",
    "search",
    "tail",
    "trim",
    "verify",
]
