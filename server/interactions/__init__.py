"""What an end user may do: sign in, consent, log out.

An interaction is bound to the browser that /authorize answered and is finished once, by one conditional
UPDATE, after its client, redirect URI, person and trust policy were looked at again.
"""

from .authorization import Started, answer, sign_in_first
from .consent import decide, switch_account
from .documented import UNDESCRIBED, Undescribed, find_client
from .documented import refresh as refresh_document
from .due import view
from .evaluation import Evaluation, evaluate
from .leaving import refuse
from .login import log_in
from .logout import AskLogout, LoggedOut, log_out, plan_logout
from .policy import allows_scheme
from .records import (
    ConsentView,
    Destination,
    HeldView,
    InteractionGone,
    LoggedIn,
    LoginRefusal,
    LoginRefused,
    LoginView,
    PersonChanged,
    RedirectView,
    Refusal,
    ResourceView,
    ScopeView,
    SendTo,
    TrustedRedirect,
    Visit,
)
from .redirect import go_on, stay
from .requests import complete_request
from .store import sweep

__all__ = [
    "UNDESCRIBED",
    "AskLogout",
    "ConsentView",
    "Destination",
    "DestinationKind",
    "Evaluation",
    "HeldView",
    "InteractionGone",
    "LoggedIn",
    "LoggedOut",
    "LoginRefusal",
    "LoginRefused",
    "LoginView",
    "PersonChanged",
    "RedirectView",
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
    "evaluate",
    "find_client",
    "go_on",
    "log_in",
    "log_out",
    "plan_logout",
    "refresh_document",
    "refuse",
    "sign_in_first",
    "stay",
    "sweep",
    "switch_account",
    "view",
]
