"""How the installation is: health, background work, what was given up, what it runs on."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from server.administration import Permission, health, jobs
from server.kernel import cache
from server.kernel.paging import Paging
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.system.contexts import (
    CacheEntry,
    SystemPage,
    check_entry,
    count_entry,
    dead_entry,
    run_entry,
)
from web.admin.system.limits import rate_limits_section
from web.admin.visit import platform_uri
from web.localization import mark

if TYPE_CHECKING:
    from server.administration.health import Verdict
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

DEAD_SHOWN = 50
STATES = (mark("waiting"), mark("running"), mark("dead"))  # as `JobState` names them


async def system(visit: ConsoleVisit) -> WireResponse:
    """Everything at once: there is little of it, and it belongs together."""
    operator, own = visit.operator, visit.site.system
    verdicts = await health.examine(operator, own, visit.site)
    facts = await health.job_facts(operator, own)
    dead = await jobs.list_dead(operator, own, Paging(DEAD_SHOWN, visit.query.get("after") or None))
    page = SystemPage(
        is_well=all(verdict.is_well for verdict in verdicts),
        checks=tuple(check_entry(verdict) for verdict in verdicts),
        counts=tuple(count_entry(visit, count) for count in facts.counts),
        runs=tuple(run_entry(visit, run) for run in facts.runs),
        dead=tuple(dead_entry(visit, job) for job in dead.items),
        more_dead_uri=platform_uri("system", after=dead.next_cursor) if dead.next_cursor else None,
        facts=await _facts(visit, verdicts),
        caches=tuple(_cache(visit, topic, used) for topic, used in sorted(cache.usage().items())),
        rates=rate_limits_section(visit),
    )
    return draw(visit, "admin/system/system.html", page)


async def retry(visit: ConsoleVisit) -> WireResponse:
    """Have a job that was given up tried again."""
    await jobs.revive(visit.operator, visit.site.system, visit.identifier("job"), visit.now)
    return done(visit, platform_uri("system"), "revived")


async def _facts(visit: ConsoleVisit, verdicts: tuple[Verdict, ...]) -> tuple[tuple[str, str], ...]:
    """What it runs on: label in English, value. A database that does not answer is asked nothing more."""
    own = (
        ("Latchkey", version("latchkey")),
        ("Python", platform.python_version()),
        (mark("Public address"), visit.site.public_url),
    )
    if not verdicts[0].is_well:
        return own
    known = await health.database_facts(visit.operator, visit.site.system)
    return (
        *own,
        (mark("Database"), f"{known.product} {known.version}"),
        (mark("Last migration"), known.last_migration),
    )


def _cache(visit: ConsoleVisit, topic: str, used: cache.Usage) -> CacheEntry:
    looks = used.hits + used.misses
    share = f"{round(100 * used.hits / looks)} %" if looks else ""
    return CacheEntry(topic, visit.language.number(used.entries), visit.language.number(looks), share)


ROWS = (
    shows("/system", system, Permission.MANAGE_TENANTS),
    does("/system/jobs/<job>/retry", retry, Permission.MANAGE_TENANTS),
)
