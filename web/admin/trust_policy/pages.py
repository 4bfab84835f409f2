"""The policy in force: its rules in their order with how often each decided, and the whole of it as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.administration import Permission, trust_policies
from server.administration.finding import Conflict
from server.administration.trust_policies import save as save_policy
from server.administration.trust_texts import policy_text, read_policy_text
from server.kernel.clock import SECOND
from server.trust import InvalidPolicy, PolicyVersion
from web.admin.conflict import conflicting
from web.admin.frame import draw
from web.admin.history import HistoryEntry
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.trust_policy.contexts import TEXT, PolicyPage, TextPage, head_of, remembered
from web.admin.trust_policy.forms import TextForm, version_in
from web.admin.trust_policy.reading import author_of, both, rule_entries
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.trust import TrustPolicy
    from web.admin.visit import ConsoleVisit

MOST_BESIDE = 6
POLICY = mark("the trust policy")
IN_RULE = mark("Rule %(number)s")


async def policy(visit: ConsoleVisit) -> WireResponse:
    """What decides now."""
    versions = await trust_policies.versions(visit.operator, visit.tenant, MOST_BESIDE)
    current = versions[0]
    hits = await trust_policies.rule_hits(visit.operator, visit.tenant, visit.now)
    page = PolicyPage(
        head=head_of(visit, current),
        rules=rule_entries(visit, current.policy, hits),
        confirm=current.policy.thresholds.confirm,
        hold=current.policy.thresholds.hold,
        remember=remembered(current),
        history=tuple([await _saved(visit, version) for version in versions if version.version]),
    )
    return draw(visit, "admin/trust_policy/rules.html", page)


async def text(visit: ConsoleVisit) -> WireResponse:
    """The whole of it as a manifest says it."""
    current = await trust_policies.in_force(visit.operator, visit.tenant)
    form = TextForm(data={"version": str(current.version), "text": policy_text(current.policy)})
    return draw(visit, "admin/trust_policy/text.html", TextPage(head_of(visit, current, TEXT), form))


async def save_text(visit: ConsoleVisit) -> WireResponse:
    """Put what was typed in force."""
    form = TextForm(visit.form)
    try:
        return await save(visit, await read_policy_text(form.text.data or ""), version_in(form))
    except InvalidPolicy as error:
        form.blame("text", told(visit, error))
    current = await trust_policies.in_force(visit.operator, visit.tenant)
    return draw(visit, "admin/trust_policy/text.html", TextPage(head_of(visit, current, TEXT), form), status=422)


async def save(visit: ConsoleVisit, typed: TrustPolicy, after: int) -> WireResponse:
    """Put a policy in force and show it; raises InvalidPolicy. Two administrators at once are shown both."""
    try:
        saved = await save_policy(visit.operator, visit.tenant, typed, after=after, now=visit.now)
    except Conflict as conflict:
        now = conflict.current
        if not isinstance(now, PolicyVersion):
            raise
        uri, name = visit.uri("trust", "policy"), visit.language.say(POLICY)
        return conflicting(visit, conflict, name, uri, both(now.policy, typed), version=str(now.version))
    return done(visit, visit.uri("trust", "policy"), "unchanged" if saved.version == after else "saved")


def told(visit: ConsoleVisit, error: InvalidPolicy) -> str:
    """Why a policy cannot be, with the number of the rule; the reason names keys, and so is in English."""
    if error.rule is None:
        return error.why
    return f"{visit.language.say(IN_RULE) % {'number': error.rule}}: {error.why.removeprefix(f'rule {error.rule}: ')}"


async def _saved(visit: ConsoleVisit, version: PolicyVersion) -> HistoryEntry:
    return HistoryEntry(
        event=visit.language.say(mark("Version %(number)s")) % {"number": version.version},
        iso=datetime.fromtimestamp(version.created_at // SECOND, UTC).isoformat(),
        when=visit.language.time(version.created_at),
        actor=await author_of(visit, version.author),
        failed=False,
        changes=(),
    )


ALL = "/t/<tenant>/trust/policy"
ROWS = (
    shows(ALL, policy),
    shows(f"{ALL}/text", text),
    does(f"{ALL}/text", save_text, Permission.MANAGE_SETTINGS),
)
