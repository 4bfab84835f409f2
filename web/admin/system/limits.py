"""The rate limits in force: how often one address may ask in a minute, who says so, and whom they refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import rate_limits
from server.kernel.json import dump_json
from server.tenants import PLATFORM_RATE_LIMITS, RATE_LIMITS, SYSTEM_SLUG
from web.admin.system.contexts import LimitEntry, RateLimitsSection
from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

ALONE = mark("Each process counts by itself, so an address may ask this often at each of them.")
TOGETHER = mark("All processes count together, in Redis.")
PLACES = {"metadata": "/.well-known/…", "api": "/api", "admin": "/admin"}  # where the name does not say it


def rate_limits_section(visit: ConsoleVisit) -> RateLimitsSection:
    """What the defaults and the system tenant say; no tenant is asked what it set for itself."""
    of_platform = visit.site.system.settings.rate_limits
    tenants_own = [_entry(visit, name, per_minute, is_set=False) for name, per_minute in RATE_LIMITS.items()]
    own = [
        _entry(visit, name, of_platform.get(name, per_minute), is_set=name in of_platform)
        for name, per_minute in PLATFORM_RATE_LIMITS.items()
    ]
    return RateLimitsSection(
        is_on=rate_limits.is_on(),
        counted=TOGETHER if rate_limits.is_shared() else ALONE,
        limits=(*tenants_own, *own),
        api_path=f"/api/v1/tenants/{SYSTEM_SLUG}",
        api_body=dump_json({"settings": {"rate_limits": {**PLATFORM_RATE_LIMITS, **of_platform}}}),
    )


def _entry(visit: ConsoleVisit, name: str, per_minute: int | None, *, is_set: bool) -> LimitEntry:
    say, refused = visit.language, rate_limits.refused().get(name)
    return LimitEntry(
        name=PLACES.get(name, f"/{name}"),
        setting=f"rate_limits.{name}",
        per_minute="" if per_minute is None else say.number(per_minute),
        is_set=is_set,
        refused=say.number(refused.times if refused else 0),
        last=say.moment(refused.last_at) if refused else "",
    )
