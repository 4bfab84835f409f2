"""Replaying a draft: begun by a form, then looked at on a page that loads itself again until it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wtforms import HiddenField, SelectField, TextAreaField

from server.administration import Permission, trust_policies, trust_replay_runs
from server.administration.trust_differences import difference
from server.administration.trust_replay import DEFAULT_DAYS, AlreadyReplaying
from server.administration.trust_texts import policy_text, read_policy_text
from server.endpoints.wire import redirect
from server.trust import InvalidPolicy
from web.admin.forms import ConsoleForm, choices
from web.admin.frame import draw
from web.admin.rows import does, shows
from web.admin.trust_policy.forms import version_of_text
from web.admin.trust_policy.pages import told
from web.admin.trust_policy.reading import Differences, differences
from web.admin.trust_words import BUSY, ActionWord, action_word
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.administration.trust_replay_runs import Counted, Moved, Run
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

LARGEST_FORM = 256 * 1024
RELOAD = ((b"refresh", b"2"),)  # seconds, without any script
DAYS = (("7", mark("the last 7 days")), ("30", mark("the last 30 days")), ("90", mark("the last 90 days")))
OTHERS = mark("others")


class ReplayForm(ConsoleForm):
    """A draft as text, and how far to look back; `after` is the version that it was made from."""

    after = HiddenField()
    days = SelectField(mark("What was recorded in"), choices=choices(DAYS), default=str(DEFAULT_DAYS))
    text = TextAreaField(mark("Draft of the policy"))


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """The form."""

    form: ReplayForm
    edit_uri: str | None
    api_path: str


@dataclass(frozen=True, slots=True)
class ShareEntry:
    """How many authorizations of how many people; about so many where people were estimated."""

    name: str
    authorizations: str
    people: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class MovedEntry:
    """What would have ended otherwise, and who is behind it."""

    before: ActionWord
    after: ActionWord
    total: ShareEntry
    clients: tuple[ShareEntry, ...]
    hosts: tuple[ShareEntry, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """A replay as far as it is."""

    is_running: bool
    failed: bool  # or its process ended
    done: int
    total: int
    progress: str
    days: int
    evaluated: str
    changed: str
    unreadable: int
    moved: tuple[MovedEntry, ...]
    differences: Differences
    replay_uri: str
    edit_uri: str | None


async def ask(visit: ConsoleVisit) -> WireResponse:
    """The policy in force, to be made a draft of."""
    current = await trust_policies.in_force(visit.operator, visit.tenant)
    return _draw(visit, ReplayForm(data={"after": str(current.version), "text": policy_text(current.policy)}), 200)


async def begin(visit: ConsoleVisit) -> WireResponse:
    """Begin, and lead to the page that shows how far it is."""
    form = ReplayForm(visit.form)
    if not form.validate():
        return _draw(visit, form, 422)
    try:
        run = await trust_replay_runs.begin(
            visit.operator,
            visit.tenant,
            await read_policy_text(form.text.data or ""),
            after=version_of_text(form.after.data),
            days=int(form.days.data),
            now=visit.now,
        )
    except InvalidPolicy as error:
        form.blame("text", told(visit, error))
    except AlreadyReplaying:
        form.blame(None, BUSY)
    else:
        return redirect(visit.uri("trust", "replay", "runs", run.handle))
    return _draw(visit, form, 422)


async def show(visit: ConsoleVisit) -> WireResponse:
    """How far it is, or what it found."""
    run = await trust_replay_runs.get(visit.operator, visit.tenant, visit.arguments["run"])
    is_running = run.progress.is_under_way(visit.now)
    page = await _page(visit, run, is_running=is_running)
    return draw(visit, "admin/trust_replay/run.html", page, headers=RELOAD if is_running else ())


async def _page(visit: ConsoleVisit, run: Run, *, is_running: bool) -> RunPage:
    current = await trust_policies.in_force(visit.operator, visit.tenant)
    number, outcome, reached = visit.language.number, run.outcome, run.progress
    may_edit = visit.may(Permission.MANAGE_SETTINGS)
    return RunPage(
        is_running=is_running,
        failed=outcome is None and not is_running,
        done=reached.done,
        total=reached.total,
        progress=f"{number(reached.done)} / {number(reached.total)}",
        days=run.days,
        evaluated="" if outcome is None else number(outcome.evaluated),
        changed="" if outcome is None else number(outcome.changed),
        unreadable=0 if outcome is None else outcome.unreadable,
        moved=() if outcome is None else tuple(_moved(visit, moved) for moved in outcome.moved),
        differences=differences(visit, difference(current.policy, run.policy)),
        replay_uri=visit.uri("trust", "replay"),
        edit_uri=visit.uri("trust", "policy", "edit", draft=run.handle) if may_edit else None,
    )


def _moved(visit: ConsoleVisit, moved: Moved) -> MovedEntry:
    return MovedEntry(
        before=action_word(moved.before),
        after=action_word(moved.after),
        total=_share(visit, moved.total),
        clients=tuple(_share(visit, share) for share in moved.clients),
        hosts=tuple(_share(visit, share) for share in moved.hosts),
    )


def _share(visit: ConsoleVisit, share: Counted) -> ShareEntry:
    number = visit.language.number
    name = plain(share.name, MAX_LINE_LENGTH) or visit.language.say(OTHERS)
    return ShareEntry(name, number(share.authorizations), number(share.people), share.is_exact)


def _draw(visit: ConsoleVisit, form: ReplayForm, status: int) -> WireResponse:
    edit_uri = visit.uri("trust", "policy", "edit") if visit.may(Permission.MANAGE_SETTINGS) else None
    page = ReplayPage(form, edit_uri, visit.api("trust", "replays"))
    return draw(visit, "admin/trust_replay/replay.html", page, status=status)


ALL = "/t/<tenant>/trust/replay"
ROWS = (
    shows(ALL, ask),
    replace(does(ALL, begin, Permission.READ), max_form=LARGEST_FORM),
    shows(f"{ALL}/runs/<run>", show),
)
