"""Every page in every state that people meet, without a server: for tests that look at all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from server.kernel.clock import DAY
from server.trust import Signal
from web.account.consent.contexts import Application, ConsentPage, ForeignLink, Permission, Person, Reach
from web.account.error.contexts import SENTENCES, error_context
from web.account.login.contexts import WRONG, FieldError, LoginPage
from web.account.logout.contexts import LoggedOutPage, LogoutPage, logged_out_page
from web.account.place import Place
from web.account.redirect.contexts import CancelledPage, Client, HeldPage, RedirectPage
from web.account.redirect.pages import UNDECIDED
from web.brand import Brand
from web.landing import LandingPage
from web.localization import languages
from web.rendering import Frame, render
from web.trust_sentences import SENTENCES as SENTENCES_OF_SIGNALS
from web.trust_sentences import sentence_of

ACME = Brand("Acme", "auth.acme.test")
LONG_NAME = Brand("Sonnenschein Genossenschaft für erneuerbare Energien", "login.sonnenschein.example", "ffd400")

ADA = Person("AZ", "Ada Lovelace", "ada")
READ = Permission("notes:read", "Read your notes", None, optional=False, ticked=True, new=False)
WRITE = Permission("notes:write", "Change your notes", None, optional=True, ticked=True, new=True)
PURGE = Permission("notes:purge", "Delete all your notes", None, optional=True, ticked=False, new=False)
EMAIL = Permission("email", None, "See your email address", optional=False, ticked=True, new=False)

KNOWN = ConsentPage(
    csrf="proof",
    person=ADA,
    place=Place("web", "app.", "acme.test", "", None, differs_from_client=False),
    application=Application(
        name="Notes",
        verified=True,
        registered="May 3, 2026",
        host="acme.test",
        contact="dev@acme.test",
        links=(ForeignLink("Terms of use", "https://acme.test/terms", "acme.test"),),
    ),
    reaches=(Reach("Notes", "https://api.acme.test/mcp", (READ, WRITE), (PURGE,)), Reach("Acme", "", (EMAIL,), ())),
    offline=True,
    duration=languages()["en"].duration(30 * DAY),
)
UNKNOWN = replace(
    KNOWN,
    place=Place("loopback", "", "127.0.0.1", "", None, differs_from_client=False),
    application=Application("Some Client", verified=False, registered="May 3, 2026", host=None, contact=None, links=()),
    reaches=(Reach("Notes", "https://api.acme.test/mcp", (), ()),),
    offline=False,
    duration=None,
)
HOSTILE = replace(
    UNKNOWN,
    place=Place(
        "web", "login.accounts." * 5, "xn--pypal-4ve.example", "", "p\u0430ypal.example", differs_from_client=True
    ),
    application=Application(
        name="</bdi><script>alert(1)</script>" + "W" * 29,
        verified=False,
        registered="May 3, 2026",
        host=None,
        contact="x" * 60,
        links=(ForeignLink("Privacy policy", "https://" + "a" * 60 + ".test/p", "a" * 60 + ".test"),),
    ),
    message="Choose Allow or Cancel.",
)
NAMELESS_APP = replace(
    KNOWN,
    place=Place("private_use", "", "com.example.app", ":", None, differs_from_client=False),
    application=replace(UNKNOWN.application, name=""),
    duration=None,
)
WEB = Place("web", "app.", "example.com", ":8443", None, differs_from_client=True, is_new=True)
LEAVING = RedirectPage(
    csrf="proof",
    place=WEB,
    client=Client("Notes on the desk", verified=False),
    reasons=tuple(map(sentence_of, (Signal.NEWLY_SEEN, Signal.FEW_USERS, Signal.REGISTERED_DYNAMICALLY))),
)
LEAVING_HOSTILE = replace(
    LEAVING,
    place=HOSTILE.place,
    client=Client(HOSTILE.application.name, verified=False),
    reasons=tuple(SENTENCES_OF_SIGNALS.values()),
    message=UNDECIDED,
)
LEAVING_FOR_LOOPBACK = replace(
    LEAVING,
    place=UNKNOWN.place,
    client=Client("", verified=False),
    reasons=tuple(map(sentence_of, (Signal.LOOPBACK, Signal.REGISTERED_DYNAMICALLY))),
)
HELD = HeldPage("proof", WEB, Client("Notes", verified=True), LEAVING.reasons, too_many=False, is_mailed=True)


@dataclass(frozen=True, slots=True)
class Picture:
    """One page in one state."""

    template: str
    page: object = field(repr=False)
    brand: Brand = ACME
    leads_out: bool = False

    def html(self, language: str = "en") -> str:
        """The page as it is sent."""
        frame = Frame(self.brand, languages()[language])
        return render(self.template, self.page, frame, leads_out=self.leads_out).body.decode()


LOGIN = "account/login/login.html"
CONSENT = "account/consent/consent.html"
REDIRECT = "account/redirect/redirect.html"
HELD_TEMPLATE = "account/redirect/held.html"
MISSING = (
    FieldError("username", "Enter your username or email address."),
    FieldError("password", "Enter your password."),
)

PICTURES = {
    "login": Picture(LOGIN, LoginPage("proof", "", reauthenticate=False)),
    "login-again": Picture(LOGIN, LoginPage("proof", "ada", reauthenticate=True)),
    "login-wrong": Picture(LOGIN, LoginPage("proof", "ada", reauthenticate=False, message=WRONG)),
    "login-empty": Picture(LOGIN, LoginPage("proof", "", reauthenticate=False, errors=MISSING), LONG_NAME),
    "consent": Picture(CONSENT, KNOWN),
    "consent-unknown": Picture(CONSENT, UNKNOWN),
    "consent-hostile": Picture(CONSENT, HOSTILE, LONG_NAME),
    "consent-nameless": Picture(CONSENT, NAMELESS_APP),
    "consent-new": Picture(CONSENT, replace(UNKNOWN, place=replace(WEB, reads_as="b\u00fccher.example"))),
    "consent-established": Picture(
        CONSENT, replace(KNOWN, place=replace(WEB, is_new=False, is_established=True, differs_from_client=False))
    ),
    "redirect": Picture(REDIRECT, LEAVING),
    "redirect-loopback": Picture(REDIRECT, LEAVING_FOR_LOOPBACK),
    "redirect-hostile": Picture(REDIRECT, LEAVING_HOSTILE, LONG_NAME),
    "held": Picture(HELD_TEMPLATE, HELD),
    "held-too-many": Picture(HELD_TEMPLATE, replace(HELD, too_many=True)),
    "cancelled": Picture("account/redirect/cancelled.html", CancelledPage(reported=False)),
    "reported": Picture("account/redirect/cancelled.html", CancelledPage(reported=True)),
    "blocked": Picture("account/error/error.html", error_context("access_denied", None, "R1", "blocked_destination")),
    "logged-out-blocked": Picture("account/logout/logged_out.html", logged_out_page(None, blocked=True)),
    "logout": Picture("account/logout/logout.html", LogoutPage("proof", "Ada Lovelace", "ada")),
    "logged-out": Picture("account/logout/logged_out.html", LoggedOutPage(None, "")),
    "logged-out-on": Picture("account/logout/logged_out.html", logged_out_page("https://app.example/bye")),
    "error": Picture(
        "account/error/error.html", error_context("invalid_scope", "http://127.0.0.1:4711/cb?error=invalid_scope", "R1")
    ),
    "gone": Picture("account/error/gone.html", error_context("invalid_request", None, "R1")),
    "landing": Picture("landing.html", LandingPage(), Brand("Latchkey", "127.0.0.1:9000", is_platform=True)),
    **{f"error-{code}": Picture("account/error/error.html", error_context(code, None, "R1")) for code in SENTENCES},
}

# What differs enough to be looked at in a browser.
DISTINCT = [name for name in PICTURES if not name.startswith("error-")]
