"""What the signals of trust say to people: one sentence each, about a destination. server/trust/signals.py."""

from __future__ import annotations

from server.trust import Signal

from .localization import mark

SENTENCES: dict[Signal, str] = {
    Signal.REGISTERED_BY_ADMIN: mark("An administrator registered this application."),
    Signal.REGISTERED_DYNAMICALLY: mark("This application registered itself; nobody has checked who is behind it."),
    Signal.SELF_DECLARED: mark("This application describes itself on its own website."),
    Signal.VERIFIED_DOMAIN: mark("This address belongs to a domain that your organization has verified."),
    Signal.ESTABLISHED: mark("Many people here have used this address for a while."),
    Signal.NEWLY_SEEN: mark("This address has been in use here for less than a week."),
    Signal.FEW_USERS: mark("Only few people here have used this address."),
    Signal.REPORTED: mark("People here have reported this address."),
    Signal.OFTEN_DECLINED: mark("Many people here chose not to go on to this address."),
    Signal.HOST_DIFFERS_FROM_CLIENT: mark("This address is on another domain than the application's own website."),
    Signal.SHARED_HOSTING: mark("Anybody can publish pages at this hosting service."),
    Signal.SHORTENER_OR_REDIRECTOR: mark("This address only passes you on, and hides where you end up."),
    Signal.IP_LITERAL: mark("This address is a number instead of a name."),
    Signal.UNUSUAL_PORT: mark("This address has an unusual port."),
    Signal.DEEP_SUBDOMAIN: mark("This address is unusually long; look at its end to see whom it belongs to."),
    Signal.INTERNATIONALIZED: mark("This address has characters that may look like others."),
    Signal.MIXED_SCRIPT: mark("This address mixes letters of different alphabets, which may hide what it really says."),
    Signal.LOOKALIKE: mark("This address looks like a well-known one, but is another."),
    Signal.LOOPBACK: mark("This address is your own device, where any program could answer."),
    Signal.LOCALHOST_NAME: mark("The name “localhost” could be made to lead elsewhere."),
    Signal.LOOPBACK_ONLY_SELF_DECLARED: mark(
        "This application can only be reached on your device, so its name proves nothing."
    ),
    Signal.PRIVATE_USE_SCHEME: mark("Any app on your device could claim this kind of link."),
    Signal.SCHEME_NOT_REVERSE_DOMAIN: mark("This kind of link has a name that belongs to nobody."),
    Signal.METADATA_CHANGED: mark("This application has changed since you last allowed it access."),
    Signal.REPUTATION_SUSPICIOUS: mark("A security service considers this address suspicious."),
    Signal.REPUTATION_MALICIOUS: mark("A security service knows this address as dangerous."),
}


def sentence_of(signal: Signal) -> str:
    """The sentence in English; templates translate it."""
    return SENTENCES[signal]
