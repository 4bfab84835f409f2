"""Grants: what a person allowed a client, and what was remembered of it.

One row is the state machine of code, refresh generation and revocation. Every step is one conditional UPDATE whose
row count says who won; nothing that was read before proves anything.
"""

from .consent_store import (
    Permission,
    forget,
    forget_for_client,
    forget_for_user,
    forget_scope,
    remembered,
    rows_of_consent,
)
from .policy import CODE_LIFETIME, GRACE_USES, new_grant
from .records import Grant
from .store import (
    claim_code,
    create,
    find,
    find_clients_in_use,
    revoke,
    revoke_for_client,
    revoke_for_session,
    revoke_for_sessions,
    revoke_for_user,
    revoke_for_user_and_client,
    revoke_with_scope,
    rotate,
    row_of,
    sweep,
    use_grace,
)

__all__ = [
    "CODE_LIFETIME",
    "GRACE_USES",
    "Grant",
    "Permission",
    "claim_code",
    "create",
    "find",
    "find_clients_in_use",
    "forget",
    "forget_for_client",
    "forget_for_user",
    "forget_scope",
    "new_grant",
    "remembered",
    "revoke",
    "revoke_for_client",
    "revoke_for_session",
    "revoke_for_sessions",
    "revoke_for_user",
    "revoke_for_user_and_client",
    "revoke_with_scope",
    "rotate",
    "row_of",
    "rows_of_consent",
    "sweep",
    "use_grace",
]
