"""What an end user may do: sign in, consent, log out.

An interaction is bound to the browser that /authorize answered and is finished once, by one conditional
UPDATE, after its client, redirect URI and person were looked at again.
"""

from .authorization import Started, answer, sign_in_first
from .completion import refuse
from .consent import decide, switch_account, view
from .documented import UNDESCRIBED, Undescribed, find_client
from .documented import refresh as refresh_document
from .login import log_in
from .logout import AskLogout, LoggedOut, log_out, plan_logout
from .policy import allows_scheme
from .records import (
    ConsentView,
    Destination,
    DestinationKind,
    InteractionGone,
    LoggedIn,
    LoginRefusal,
    LoginRefused,
    LoginView,
    PersonChanged,
    Refusal,
    ResourceView,
    ScopeView,
    SendTo,
    TrustedRedirect,
    Visit,
)
from .requests import complete_request
from .store import sweep

__all__ = [
    "UNDESCRIBED",
    "AskLogout",
    "ConsentView",
    "Destination",
    "DestinationKind",
    "InteractionGone",
    "LoggedIn",
    "LoggedOut",
    "LoginRefusal",
    "LoginRefused",
    "LoginView",
    "PersonChanged",
    "Refusal",
    "ResourceView",
    "ScopeView",
    "SendTo",
    "Started",
    "TrustedRedirect",
    "Undescribed",
    "Visit",
    "allows_scheme",
    "answer",
    "complete_request",
    "decide",
    "find_client",
    "log_in",
    "log_out",
    "plan_logout",
    "refresh_document",
    "refuse",
    "sign_in_first",
    "sweep",
    "switch_account",
    "view",
]
