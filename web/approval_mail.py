"""The mail to somebody who waited for a place: an administrator has approved it.

It has no link, so that nobody gets used to following one from such a mail, and nothing that the client says of itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.trust import TargetKind
from web.brand import PLATFORM_NAME
from web.foreign_text import plain
from web.localization import choose_language, mark

if TYPE_CHECKING:
    from server.administration.trust_holds import Approval
    from server.trust import Target
    from web.localization import Language

SENDER = mark("%(tenant)s via %(platform)s")
SUBJECT = mark("You can go on to %(place)s")
PARAGRAPHS = (
    mark("You wanted to go on to %(place)s from %(tenant)s. An administrator had to look at it, and has approved."),
    mark("Start again from the application: what you had begun there is kept for an hour only."),
    mark("There is nothing to click in this mail, and nobody asks for your password because of it."),
    mark("Was it not you who wanted that? Then tell your administrator."),
)
OWN_MACHINE = mark("an application on your own device")


def approval_mail(approval: Approval) -> tuple[str, str, str]:
    """Its sender's name, subject and text, in the language that the account names or, without one, the browser did."""
    locale = approval.person.claims.get("locale")
    language = choose_language([locale] if isinstance(locale, str) else [], approval.languages)
    words = {"place": _place(approval.target, language), "tenant": plain(approval.tenant.display_name)}
    # A tenant may call itself anything: the name beside it is not its own.
    sender = language.say(SENDER) % {**words, "platform": PLATFORM_NAME}
    text = "\n\n".join(language.say(paragraph) % words for paragraph in PARAGRAPHS)
    return sender, language.say(SUBJECT) % words, f"{text}\n"


def _place(target: Target, language: Language) -> str:
    if target.kind is TargetKind.LOOPBACK:
        return language.say(OWN_MACHINE)
    return target.host or f"{target.scheme}:"
