"""The simulator: a client and a redirect URI in, the decision with all that it follows from out. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wtforms import StringField

from server.administration import trust_policies, trust_simulator
from server.administration.finding import Unknown
from server.kernel.json import dump_json
from server.trust import Action, TargetKind
from web.account.place import Place
from web.admin.forms import ConsoleForm
from web.admin.frame import draw
from web.admin.rows import shows
from web.admin.trust_policy.reading import deciding_rule
from web.admin.trust_words import decision_entry
from web.foreign_text import plain, readable_host
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.trust import Decision
    from web.admin.trust_words import DecisionEntry
    from web.admin.visit import ConsoleVisit

LONGEST_URI = 2048
NO_CLIENT = mark("There is no such client.")


class SimulatorForm(ConsoleForm):
    """Where somebody would be sent, and by whom."""

    redirect_uri = StringField(mark("Redirect URI"))
    client_id = StringField(mark("client_id"))


@dataclass(frozen=True, slots=True)
class SimulatorPage:
    """The form, and the decision once something was asked. `place` is what people would be shown, where they are."""

    form: SimulatorForm
    decision: DecisionEntry | None
    place: Place | None
    lookalike_of: str
    origin_uri: str
    policy_uri: str
    version: int
    api_path: str
    api_body: str


async def simulate(visit: ConsoleVisit) -> WireResponse:
    """What the policy in force says."""
    uri, client_id = _asked(visit, "redirect_uri"), _asked(visit, "client_id")
    form = SimulatorForm(data={"redirect_uri": uri, "client_id": client_id})
    found: Decision | None = None
    if uri:
        try:
            found = await trust_simulator.simulate(visit.operator, visit.tenant, uri, client_id or None, visit.now)
        except Unknown:
            form.blame("client_id", NO_CLIENT)
    page = SimulatorPage(
        form=form,
        decision=None if found is None else await _told(visit, found),
        place=_place(found) if found is not None and found.action in {Action.CONFIRM, Action.HOLD} else None,
        lookalike_of="" if found is None else plain(found.facts.lookalike_of),
        origin_uri=visit.uri("trust", "origins", "one", uri=uri),
        policy_uri=visit.uri("trust", "policy"),
        version=0 if found is None else found.policy_version,
        api_path=visit.api("trust", "simulations"),
        api_body=dump_json({"redirect_uri": uri, "client_id": client_id or None}) if uri else "",
    )
    return draw(visit, "admin/trust_simulator/simulator.html", page, status=422 if form.errors else 200)


async def _told(visit: ConsoleVisit, found: Decision) -> DecisionEntry:
    if found.rule is None:
        return decision_entry(found)
    policy = (await trust_policies.in_force(visit.operator, visit.tenant)).policy
    return decision_entry(found, deciding_rule(policy, found))


def _place(found: Decision) -> Place:
    """The place as the destination page would show it."""
    target = found.facts.target
    if target.kind is TargetKind.PRIVATE_USE:
        return Place(target.kind.value, "", target.scheme, ":", None, differs_from_client=False)
    strong = target.registrable or target.host
    return Place(
        kind=target.kind.value,
        before=target.host.removesuffix(strong),
        strong=strong,
        after="",
        reads_as=readable_host(target.host),
        differs_from_client=found.facts.differs_from_client,
        is_new=found.facts.origin.first_seen_at is None,
    )


def _asked(visit: ConsoleVisit, name: str) -> str:
    return visit.query.get(name, "").replace("\x00", "").strip()[:LONGEST_URI]


ROWS = (shows("/t/<tenant>/trust/simulator", simulate),)
