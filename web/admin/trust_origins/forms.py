"""The forms about places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from server.administration.trust_verdicts import NewVerdict
from server.trust import Judgement, VerdictFault
from web.admin.checks import one_line
from web.admin.forms import LONGEST_TEXT, ConsoleForm, at_most, choices
from web.admin.trust_inbox.forms import instant, instant_of
from web.localization import mark

if TYPE_CHECKING:
    from server.trust import InvalidVerdict

LONGEST_HOST, LONGEST_URI = 255, 2048
NEITHER = mark("Enter a host, or a client_id and a redirect URI.")
NO_CLIENT = mark("There is no such client.")
NO_PLACE = mark("This cannot be a redirect URI.")
NO_HOST = mark("Enter a host name in ASCII and lower case: without scheme, path and port.")
# What the server refuses of a host, besides what is none.
REFUSALS = {
    VerdictFault.LOOPBACK: mark("Loopback hosts cannot be trusted: any program on the machine could answer."),
    VerdictFault.ADDRESS: mark("Addresses cannot be trusted: nobody registered them."),
    VerdictFault.SUFFIX: mark("A suffix below which anybody may have a name cannot be trusted."),
    VerdictFault.SHORTENER: mark("A shortener or redirector cannot be trusted: it passes people on to anywhere."),
}
JUDGEMENTS = ((Judgement.TRUST.value, mark("trust")), (Judgement.BLOCK.value, mark("block")))


class VerdictForm(ConsoleForm):
    """A verdict on a host over https, or on a client at a redirect URI."""

    judgement = SelectField(mark("Verdict"), choices=choices(JUDGEMENTS))
    host = StringField(mark("Host"), [at_most(LONGEST_HOST)])
    client_id = StringField(mark("client_id"), [at_most(LONGEST_URI)])
    redirect_uri = StringField(mark("Redirect URI"), [at_most(LONGEST_URI)])
    note = StringField(mark("Reason"), [InputRequired(mark("Say why.")), at_most(LONGEST_TEXT), one_line])
    expires = StringField(mark("Valid until"), [instant])

    def text(self, name: str) -> str:
        """What was typed, without blanks around it."""
        return (self[name].data or "").strip()

    def is_about_one_thing(self) -> bool:
        """Whether it names a host, or a client and where; else the form says so."""
        host, client_id, uri = (self.text(name) for name in ("host", "client_id", "redirect_uri"))
        if bool(host) == bool(client_id or uri) or bool(client_id) != bool(uri):
            self.blame(
                "redirect_uri" if client_id and not uri else "client_id" if uri and not host else "host", NEITHER
            )
            return False
        return True

    def wish(self) -> NewVerdict:
        """The verdict as typed."""
        return NewVerdict(Judgement(self.judgement.data), self.text("note"), instant_of(self.expires.data))

    def refuse(self, error: InvalidVerdict) -> None:
        """Say beside its field what the server refuses."""
        if not self.text("host"):
            self.blame("redirect_uri", NO_PLACE)
            return
        self.blame("host", REFUSALS.get(error.reason, NO_HOST))


class DomainForm(ConsoleForm):
    """A domain to be claimed."""

    domain = StringField(mark("Domain"), [InputRequired(mark("Enter a domain.")), at_most(LONGEST_HOST)])
