"""What an end user may do: sign in, consent, log out.

An interaction is bound to the browser that /authorize answered and is finished once, by one conditional
UPDATE, after its client, redirect URI and person were looked at again.
"""

from .authorization import Started, answer
from .completion import refuse
from .consent import decide, switch_account, view
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
from .store import sweep

__all__ = [
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
    "Visit",
    "allows_scheme",
    "answer",
    "decide",
    "log_in",
    "log_out",
    "plan_logout",
    "refuse",
    "sweep",
    "switch_account",
    "view",
]
