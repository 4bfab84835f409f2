"""The versions of the policy: who saved them, what differs, and putting an earlier one in force again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, trust_policies
from server.administration.finding import Unknown
from server.administration.trust_differences import difference
from server.administration.trust_texts import policy_text
from web.admin.frame import draw
from web.admin.rows import does, shows
from web.admin.trust_policy.contexts import VERSIONS, VersionEntry, VersionPage, VersionsPage, head_of
from web.admin.trust_policy.forms import RestoreForm, version_in, version_of_text
from web.admin.trust_policy.pages import save
from web.admin.trust_policy.reading import author_of, differences

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.trust import PolicyVersion
    from web.admin.visit import ConsoleVisit


async def versions(visit: ConsoleVisit) -> WireResponse:
    """The newest hundred."""
    found = await trust_policies.versions(visit.operator, visit.tenant)
    entries = tuple([await _entry(visit, version, found[0]) for version in found])
    page = VersionsPage(head_of(visit, found[0], VERSIONS), entries)
    return draw(visit, "admin/trust_policy/versions.html", page)


async def version(visit: ConsoleVisit) -> WireResponse:
    """One version: what it changed, or what differs between it and another one."""
    found = await trust_policies.versions(visit.operator, visit.tenant)
    number = _number(visit.arguments["version"])
    shown = await trust_policies.get(visit.operator, visit.tenant, number)
    against = _number(visit.query.get("with") or str(max(number - 1, 0)))
    other = await trust_policies.get(visit.operator, visit.tenant, against)
    older, newer = sorted((shown, other), key=lambda one: one.version)
    may_restore = visit.may(Permission.MANAGE_SETTINGS) and number != found[0].version
    page = VersionPage(
        head=head_of(visit, found[0], VERSIONS),
        version=await _entry(visit, shown, found[0]),
        before=older.version,
        after=newer.version,
        others=tuple(dict.fromkeys((*(one.version for one in found if one.version != number), 0))),
        differences=differences(visit, difference(older.policy, newer.policy)),
        text=policy_text(shown.policy),
        restore_uri=f"{visit.path}/restore" if may_restore else None,
        api_path=visit.api("trust", "policy", "versions", str(number), "restore"),
    )
    return draw(visit, "admin/trust_policy/version.html", page)


async def restore(visit: ConsoleVisit) -> WireResponse:
    """Put what it said in force again, as a new version."""
    kept = await trust_policies.get(visit.operator, visit.tenant, _number(visit.arguments["version"]))
    return await save(visit, kept.policy, version_in(RestoreForm(visit.form)))


async def _entry(visit: ConsoleVisit, version: PolicyVersion, in_force: PolicyVersion) -> VersionEntry:
    return VersionEntry(
        version=version.version,
        uri=visit.uri("trust", "policy", "versions", str(version.version)),
        when=visit.language.time(version.created_at),
        author=await author_of(visit, version.author),
        rules=len(version.policy.rules),
        in_force=version.version == in_force.version,
    )


def _number(text: str) -> int:
    """The number of a version; raises Unknown for what is none."""
    number = version_of_text(text)
    if number < 0:
        raise Unknown
    return number


ALL = "/t/<tenant>/trust/policy/versions"
ROWS = (
    shows(ALL, versions),
    shows(f"{ALL}/<version>", version),
    does(f"{ALL}/<version>/restore", restore, Permission.MANAGE_SETTINGS),
)
