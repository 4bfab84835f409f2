"""Trust: whether people may be sent to a place, which is asked before every redirect that leaves Latchkey.

How it is asked, everywhere alike:

    client = trust.client_facts(client)
    decision = await trust.decide(tenant.id, client, redirect_uri, person.id, now, known_domains=…, browser=…)

`decision.may_redirect` is the only leave to send a browser there without another page; else `decision.action` says
which page: the destination page (`confirm`), the held page (`hold`, with `hold()`), the blocked page (`block`).
A grant's unit of work takes `row_of_authorization()` along. Once a person went there, declined or reported the place,
`note_outcome()` is told; once they chose to go on, `remember()`. See docs/explanation/trust-policy.md.
"""

from .acquaintance_store import row_of_acquaintance
from .authorization_store import (
    RecordedAuthorization,
    count_authorizations,
    count_rule_hits,
    list_authorizations,
    row_of_authorization,
    sweep_authorizations,
)
from .deciding import counts, decide, decide_each, note_outcome, remember
from .decisions import Decision
from .documents import format_instant, parse_instant, policy_from_json, policy_to_json, rule_to_json
from .domain_store import (
    VerifiedDomain,
    add_domain,
    list_domains,
    remove_domain,
    verify_domain,
)
from .domains import InvalidDomain, check_registrable, is_shared_hosting, known_domains, registrable_domain
from .facts import Facts, OriginFacts, UnknownFacts, VerdictFacts
from .forgetting import forget_clients, forget_person
from .history_store import (
    OriginHistory,
    Outcome,
    find_origin,
    find_origins,
    sweep_confirmations,
)
from .hold_store import (
    TooManyHolds,
    WaitingPerson,
    find_hold,
    find_hold_of,
    hold,
    list_holds,
    list_holds_of_person,
    list_waiting,
    settle_hold,
)
from .holds import Hold, HoldState
from .policy import evaluate
from .records import (
    Action,
    ClientFacts,
    Judgement,
    Reason,
    Reputation,
    Source,
    client_facts,
)
from .reputation import close_reputation, open_reputation
from .rules import InvalidPolicy, Rule, Thresholds, TrustPolicy, check_policy
from .signals import DEFINITIONS, Signal, SignalHit
from .store import (
    PolicyVersion,
    Standing,
    find_policy_version,
    find_policy_versions,
    get_standing,
    list_policy_versions,
    list_verdicts,
    remove_verdict,
    save_policy,
    set_verdict,
)
from .targets import Target, TargetKind, target_of
from .verdicts import InvalidVerdict, Verdict, VerdictFault, check_verdict, subject_of_client, subject_of_host

__all__ = [
    "DEFINITIONS",
    "Action",
    "ClientFacts",
    "Decision",
    "Facts",
    "Hold",
    "HoldState",
    "InvalidDomain",
    "InvalidPolicy",
    "InvalidVerdict",
    "Judgement",
    "OriginFacts",
    "OriginHistory",
    "Outcome",
    "PolicyVersion",
    "Reason",
    "RecordedAuthorization",
    "Reputation",
    "Rule",
    "Signal",
    "SignalHit",
    "Source",
    "Standing",
    "Target",
    "TargetKind",
    "Thresholds",
    "TooManyHolds",
    "TrustPolicy",
    "UnknownFacts",
    "Verdict",
    "VerdictFacts",
    "VerdictFault",
    "VerifiedDomain",
    "WaitingPerson",
    "add_domain",
    "check_policy",
    "check_registrable",
    "check_verdict",
    "client_facts",
    "close_reputation",
    "count_authorizations",
    "count_rule_hits",
    "counts",
    "decide",
    "decide_each",
    "evaluate",
    "find_hold",
    "find_hold_of",
    "find_origin",
    "find_origins",
    "find_policy_version",
    "find_policy_versions",
    "forget_clients",
    "forget_person",
    "format_instant",
    "get_standing",
    "hold",
    "is_shared_hosting",
    "known_domains",
    "list_authorizations",
    "list_domains",
    "list_holds",
    "list_holds_of_person",
    "list_policy_versions",
    "list_verdicts",
    "list_waiting",
    "note_outcome",
    "open_reputation",
    "parse_instant",
    "policy_from_json",
    "policy_to_json",
    "registrable_domain",
    "remember",
    "remove_domain",
    "remove_verdict",
    "row_of_acquaintance",
    "row_of_authorization",
    "rule_to_json",
    "save_policy",
    "set_verdict",
    "settle_hold",
    "subject_of_client",
    "subject_of_host",
    "sweep_authorizations",
    "sweep_confirmations",
    "target_of",
    "verify_domain",
]
