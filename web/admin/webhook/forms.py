"""The forms of webhooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from server import audit
from web.admin.forms import VersionedForm, at_most, lines_of
from web.localization import mark

if TYPE_CHECKING:
    from server.webhooks import Webhook

LONGEST_URL = 2000
NEEDS_URL = mark("Enter the address that is told of events.")
BAD_URL = mark("Enter the full address of a host: https, without a user name and without #.")
NO_SUCH_EVENT = mark("One of the lines names no event: write login.failed, or login.* for all of a kind.")
TOO_MANY = mark("A tenant has at most 20 webhooks. Remove one first.")


class WebhookForm(VersionedForm):
    """Who is told, and of what."""

    url = StringField(mark("Address"), [InputRequired(NEEDS_URL), at_most(LONGEST_URL)])
    events = TextAreaField(mark("Events"))

    def validate_events(self, field: TextAreaField) -> None:
        """Names of events that there are, or of kinds."""
        known = frozenset(event_names())
        if any(known.isdisjoint(audit.names_in(line)) for line in lines_of(field.data)):
            raise ValidationError(NO_SUCH_EVENT)

    def edited(self, webhook: Webhook) -> Webhook:
        """The webhook as typed."""
        return replace(webhook, url=(self.url.data or "").strip(), events=lines_of(self.events.data))


def webhook_form(webhook: Webhook) -> dict[str, object]:
    """What the form is filled with."""
    return {"url": webhook.url, "events": "\n".join(webhook.events)}


def event_names() -> tuple[str, ...]:
    """Every event that there is to be told of."""
    return tuple(sorted(kind.name for kind in audit.event_types().values()))
