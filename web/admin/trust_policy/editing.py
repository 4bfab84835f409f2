"""The editor of the policy: a draft that lives in its form, changed a step at a time, and saved as a whole.

Each button does one thing to the draft and draws the form again, so that nothing needs a script.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.administration import Permission, trust_inbox, trust_policies, trust_replay_runs
from server.administration.finding import Unknown
from server.administration.trust_differences import difference
from server.administration.trust_replay import DEFAULT_DAYS, AlreadyReplaying
from server.endpoints.wire import redirect
from server.kernel import ids
from server.trust import Action, InvalidPolicy, TrustPolicy
from web.admin.frame import draw
from web.admin.rows import does, shows
from web.admin.trust_policy.contexts import EditorPage, head_of
from web.admin.trust_policy.forms import BAD_DRAFT, EditorForm, editor_form, version_in
from web.admin.trust_policy.ordering import arranged, find_place, moves_in
from web.admin.trust_policy.pages import save, told
from web.admin.trust_policy.reading import differences, rule_entries
from web.admin.trust_words import BUSY

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.trust import Rule
    from web.admin.visit import ConsoleVisit

LARGEST_FORM = 512 * 1024  # 200 rules
OF_A_RULE = frozenset({"up", "down", "change", "remove"})  # its buttons


async def edit(visit: ConsoleVisit) -> WireResponse:
    """The policy in force as a draft; or one that was replayed, or with a rule that the inbox proposes."""
    current = await trust_policies.in_force(visit.operator, visit.tenant)
    form = editor_form(current, current.policy)
    if "draft" in visit.query:
        run = await trust_replay_runs.get(visit.operator, visit.tenant, visit.query["draft"])
        form = editor_form(replace(current, version=run.after), run.policy)
    if "hold" in visit.query:
        form.write_rule(await _proposed(visit))
    return await _draw(visit, form)


async def change(visit: ConsoleVisit) -> WireResponse:
    """Do what the pressed button says."""
    form = EditorForm(visit.form)
    do, _, number = visit.form.get("do", "").partition(":")
    try:
        rules = form.rules()
    except InvalidPolicy:
        form.keep(())
        form.blame(None, BAD_DRAFT)
        return await _draw(visit, form, status=422)
    chosen = find_place(number, len(rules))
    if do in OF_A_RULE and chosen is None:
        raise Unknown
    # Positions that were typed count whichever button was pressed.
    moves = moves_in(visit.form.getlist("position"), len(rules))
    order = arranged(moves, len(rules))
    rules = form.arrange(rules, order)
    if do in {"save", "replay"}:
        return await _finish(visit, form, rules, do)
    if do in {"first", "last"}:
        return await _put(visit, form, rules, first=do == "first")
    focus = f"position:{order.index(next(iter(moves))) + 1}" if moves else ""
    if do == "clear":
        form.write_rule(None)
    elif chosen is not None:
        focus = _press(form, rules, do, order.index(chosen))
    return await _draw(visit, form, focus=focus)


def _press(form: EditorForm, rules: list[Rule], do: str, place: int) -> str:
    """Do what the button of a rule says; which one has the focus then."""
    if do == "change":
        form.write_rule(rules[place], str(place + 1))
        return "host"
    order = list(range(len(rules)))
    del order[place]
    if do == "remove":
        form.arrange(rules, order)
        return ""
    there = max(place - 1, 0) if do == "up" else place + 1
    order.insert(there, place)
    form.arrange(rules, order)
    # The button of the same rule once more, as long as there is somewhere to go.
    on = {0: "down", len(rules) - 1: "up"}.get(there, do)
    return f"{on}:{there + 1}"


async def _put(visit: ConsoleVisit, form: EditorForm, rules: list[Rule], *, first: bool) -> WireResponse:
    """Put the rule that is typed into the draft: where it was, or as the first or the last one."""
    if not _take_rule(form, rules, first=first):
        return await _draw(visit, form, status=422)
    return await _draw(visit, form)


async def _finish(visit: ConsoleVisit, form: EditorForm, rules: list[Rule], do: str) -> WireResponse:
    """Save the draft or replay it, with the rule that is still in the fields."""
    is_valid = form.validate()
    if form.has_rule() and not _take_rule(form, rules, first=False):
        is_valid = False
    if not is_valid:
        return await _draw(visit, form, status=422)
    policy, after = form.policy(rules), version_in(form)
    try:
        if do == "save":
            return await save(visit, policy, after)
        run = await trust_replay_runs.begin(
            visit.operator, visit.tenant, policy, after=after, days=DEFAULT_DAYS, now=visit.now
        )
    except InvalidPolicy as error:
        form.blame(None, told(visit, error))
    except AlreadyReplaying:
        form.blame(None, BUSY)
    else:
        return redirect(visit.uri("trust", "replay", "runs", run.handle))
    return await _draw(visit, form, status=422)


def _take_rule(form: EditorForm, rules: list[Rule], *, first: bool) -> bool:
    rule = form.typed_rule()
    if rule is None:
        return False
    place = find_place(form.number.data, len(rules))
    if place is None:
        rules.insert(0 if first else len(rules), rule)
    else:
        rules[place] = rule
    form.keep(rules)
    form.write_rule(None)
    return True


async def _proposed(visit: ConsoleVisit) -> Rule:
    hold_id = ids.from_short(visit.query["hold"])
    action = visit.query.get("action", "")
    if hold_id is None or action not in set(Action):
        raise Unknown
    return await trust_inbox.propose_rule(visit.operator, visit.tenant, hold_id, Action(action))


async def _draw(visit: ConsoleVisit, form: EditorForm, *, status: int = 200, focus: str = "") -> WireResponse:
    current = await trust_policies.in_force(visit.operator, visit.tenant)
    rules = form.rules()
    try:
        draft = form.policy(rules)
    except ValueError:
        draft = TrustPolicy(current.policy.thresholds, current.policy.remember_confirmations, tuple(rules))
    page = EditorPage(
        head=head_of(visit, current, None),
        form=form,
        rules=rule_entries(visit, draft),
        differences=differences(visit, difference(current.policy, draft)),
        focus=focus,
    )
    return draw(visit, "admin/trust_policy/edit.html", page, status=status)


ALL = "/t/<tenant>/trust/policy/edit"
DECIDE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(ALL, edit, DECIDE),
    replace(does(ALL, change, DECIDE), max_form=LARGEST_FORM),
)
