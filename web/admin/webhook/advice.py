"""What to do about a webhook that is not taken: sentences, each for what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.webhooks import WebhookState
from web.localization import mark

if TYPE_CHECKING:
    from server.webhooks import Attempt, Webhook

PAUSED_BY_US = mark(
    "Latchkey paused it: it took nothing for three days. Mend the receiver, then resume it. "
    "Whatever was held is sent then."
)
PAUSED = mark("It is paused: what happens meanwhile is sent when you resume it.")
FAILS = mark(
    "It does not take what it is sent. Each event is tried twelve times over some hours; "
    "after three days without one success the webhook is paused."
)
REFUSES = mark("The receiver refuses it. Look whether it checks the signature with the newest secret.")
NOT_THERE = mark("Nothing is at this address. Correct the path, or set the receiver up there.")
LEADS_ON = mark("The address leads on to another, which is never followed. Enter the last one here.")
TOO_OFTEN = mark("The receiver has too much to do. Latchkey waits longer each time; tell it of fewer events.")
ITS_FAULT = mark("The receiver failed while it worked. Look at its log for the time given here.")
NOT_TAKEN = mark("The receiver answered, but not with a status of 2xx. It has to, within 15 seconds.")
NO_ANSWER = mark(
    "There was no answer. Look whether the address can be reached from here within 15 seconds "
    "with a valid certificate; private addresses are never reached."
)
BY_STATUS = {401: REFUSES, 403: REFUSES, 404: NOT_THERE, 405: NOT_THERE, 410: NOT_THERE, 429: TOO_OFTEN}
BY_CLASS = {2: "", 3: LEADS_ON, 5: ITS_FAULT}


def about(webhook: Webhook) -> str:
    """What to do about a webhook, in English; empty when all is well."""
    if webhook.state is WebhookState.FAILING:
        return PAUSED_BY_US
    if webhook.state is WebhookState.PAUSED:
        return PAUSED
    return FAILS if webhook.failing_since is not None else ""


def after(attempt: Attempt | None) -> str:
    """What to do about the last attempt, in English; empty when it was taken, or there was none."""
    if attempt is None:
        return ""
    if attempt.status is None:
        return NO_ANSWER
    return BY_STATUS.get(attempt.status) or BY_CLASS.get(attempt.status // 100, NOT_TAKEN)
