"""The pages of the preview: the real ones, about people and applications that are made up."""

from __future__ import annotations

from server.kernel.clock import DAY
from server.trust import Signal
from web.account.consent.contexts import IDENTITY_SENTENCES, Application, ConsentPage, Permission, Person, Reach
from web.account.login.contexts import LoginPage
from web.account.place import Place
from web.account.redirect.contexts import Client, HeldPage, RedirectPage
from web.localization import SOURCE_LANGUAGE, languages, mark
from web.trust_sentences import sentence_of

_PLACE = Place("web", "app.", "example.com", "", None, differs_from_client=False, is_new=True)
_CLIENT = Client("Notes", verified=True)
_REASONS = tuple(map(sentence_of, (Signal.NEWLY_SEEN, Signal.FEW_USERS)))
_PERMISSIONS = tuple(
    Permission(scope, None, IDENTITY_SENTENCES[scope], optional=scope == "email", ticked=True, new=False)
    for scope in ("openid", "profile", "email")
)
_APPLICATION = Application(
    name="Notes", verified=True, registered="", host="example.com", contact=None, links=(), described_by=None
)


def _consent() -> ConsentPage:
    return ConsentPage(
        csrf="",
        person=Person("", "Ada Lovelace", "ada"),
        place=_PLACE,
        application=_APPLICATION,
        reaches=(Reach("Notes", "", _PERMISSIONS, ()),),
        offline=True,
        duration=languages()[SOURCE_LANGUAGE].duration(30 * DAY),
    )


# Name: what it is called, its template, and its page.
SAMPLES: dict[str, tuple[str, str, object]] = {
    "login": (mark("Sign in"), "account/login/login.html", LoginPage("", "", reauthenticate=False)),
    "consent": (mark("Consent"), "account/consent/consent.html", _consent()),
    "redirect": (
        mark("Destination"),
        "account/redirect/redirect.html",
        RedirectPage("", _PLACE, _CLIENT, _REASONS),
    ),
    "held": (
        mark("Waiting for an administrator"),
        "account/redirect/held.html",
        HeldPage("", _PLACE, _CLIENT, _REASONS, too_many=False, is_mailed=True),
    ),
}
FIRST = "login"
