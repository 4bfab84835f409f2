"""Whether an installation is well: what `/readyz`, `latchkey doctor` and the console look at.

Whatever is examined says in one line how it is, or raises; what it raises is what is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from server import keys, projections, resources
from server.kernel import clock, database, migrations
from server.kernel.clock import SECOND
from server.kernel.shared_state import shared_state

from .authorise import Permission, check_permitted
from .platform import api_of, get_system_tenant

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.projections import DatabaseFacts, JobFacts
    from server.tenants import Tenant

    from .authorise import Operator

MOST_SKEW = 2 * SECOND
PATIENCE_SECONDS = 2.0


class Place(Protocol):
    """Where the installation is."""

    @property
    def public_url(self) -> str:
        """The external base URL."""


Check = Callable[[Place], Awaitable[str]]


class Problem(Exception):
    """Something is wrong; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one check."""

    name: str
    is_well: bool
    says: str


async def examine_database(_: Place) -> str:
    """The database answers."""
    await database.row("SELECT 1 AS one")
    return "answers"


async def examine_migrations(_: Place) -> str:
    """It is as this program needs it."""
    await migrations.check_migrations()
    return "up to date"


async def examine_keys(place: Place) -> str:
    """The platform's own tenant can sign: its keys are there, and open under the master secret."""
    system = await get_system_tenant(place.public_url)
    await check_can_sign(system.id)
    return "those of the platform open"


async def check_can_sign(tenant_id: UUID) -> None:
    """Raise NoSuchKey or Unsealable for a tenant that has not every key, opened by the master secret."""
    for algorithm in keys.Algorithm:
        await keys.signing_key(tenant_id, algorithm)
    await keys.mac_key(tenant_id)


async def examine_shared_state(_: Place) -> str:
    """Shared state answers."""
    await shared_state().get("readiness")
    return "answers"


async def examine_clock(_: Place) -> str:
    """This machine and the database's agree about the time."""
    theirs = await projections.database_time()
    if theirs is None:
        return "there is no other one to compare it with"
    check_skew("the database", theirs)
    return "agrees with the database's"


def check_skew(whose: str, theirs: Instant) -> None:
    """Raise Problem when a clock is too far from this machine's."""
    skew = abs(clock.now() - theirs)
    if skew > MOST_SKEW:
        raise Problem(f"{skew // SECOND} s apart from that of {whose}: tokens would seem to come from the future")


async def examine_platform(place: Place) -> str:
    """What is built in fits the public URL."""
    system = await get_system_tenant(place.public_url)
    listed = await resources.list_resources(system.id)
    if api_of(place.public_url) not in {resource.identifier for resource in listed}:
        raise Problem("LATCHKEY_PUBLIC_URL is not what it was: run latchkey migrate")
    return "fits the public URL"


CHECKS: Mapping[str, Check] = {
    "database": examine_database,
    "migrations": examine_migrations,
    "shared_state": examine_shared_state,
    "clock": examine_clock,
    "platform": examine_platform,
    "keys": examine_keys,
}


async def examine(operator: Operator, system: Tenant, place: Place) -> tuple[Verdict, ...]:
    """What came of every check, none of which is waited for long; raises NotPermitted."""
    check_permitted(operator, Permission.MANAGE_TENANTS, system.id)
    return tuple(await asyncio.gather(*(_verdict(name, check, place) for name, check in CHECKS.items())))


async def job_facts(operator: Operator, system: Tenant) -> JobFacts:
    """What background work waits, and what was done last; raises NotPermitted."""
    check_permitted(operator, Permission.MANAGE_TENANTS, system.id)
    return await projections.job_facts()


async def database_facts(operator: Operator, system: Tenant) -> DatabaseFacts:
    """Which database it is; raises NotPermitted."""
    check_permitted(operator, Permission.MANAGE_TENANTS, system.id)
    return await projections.database_facts()


async def _verdict(name: str, check: Check, place: Place) -> Verdict:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return Verdict(name, is_well=True, says=await check(place))
    except TimeoutError:
        return Verdict(name, is_well=False, says=f"no answer within {PATIENCE_SECONDS} s")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is wrong
        return Verdict(name, is_well=False, says=f"{type(error).__name__}: {error}")
