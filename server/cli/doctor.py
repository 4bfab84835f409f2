"""`latchkey doctor`: what is wrong with an installation, found before anybody else finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from server import clients, keys, tenants
from server.administration.health import Problem, check_can_sign, check_skew, examine_clock, examine_platform
from server.kernel import database, encryption, mail, migrations, redis_client
from server.kernel.clock import SECOND
from server.kernel.outbox import JobState
from server.projections import job_facts
from server.settings import check_new_secret

from .running import EXPECTED, run, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.settings import Settings

    Check = Callable[[Settings], Awaitable[str]]

# A random text of 32 characters has some twenty different ones, even of sixteen hexadecimal digits some fourteen.
FEWEST_CHARACTERS = 8

REPORTED = (*EXPECTED, Problem, encryption.Unsealable, keys.NoSuchKey)


@click.command("doctor")
def command() -> None:
    """Check configuration, database, Redis, mail, keys and clock; exit code 1 when something is wrong."""
    run(examine)


async def examine(settings: Settings) -> None:
    """Tell of every check; raises ClickException when one has failed. What a failed check bears is not checked."""
    encryption.open_master_secrets(settings.secret_key, settings.secret_key_previous)
    say(f"ok       configuration: {settings.public_url}")
    try:
        secret_is_well = await _is_well("master secret", examine_secret, settings)
        redis_is_well = await _is_well("redis", examine_redis, settings)
        mail_is_well = await _is_well("mail", examine_mail, settings)
        database_is_well = await _is_well("database", examine_database, settings)
        if database_is_well:
            rest = [await _is_well(name, check, settings) for name, check in ON_THE_DATABASE.items()]
            database_is_well = all(rest)
    finally:
        await redis_client.close_redis()
        await database.close_database()
    if not (secret_is_well and redis_is_well and mail_is_well and database_is_well):
        raise click.ClickException("something is wrong with this installation")


async def examine_secret(settings: Settings) -> str:
    """The master secret looks like one that nobody guesses."""
    if len(set(settings.secret_key)) < FEWEST_CHARACTERS:
        raise Problem("hardly random: make one of 32 random characters, and bring everything over with keys rewrap")
    return "two, until keys rewrap has finished" if settings.secret_key_previous else "long enough, and not repetitive"


async def examine_redis(settings: Settings) -> str:
    """Redis answers, where there is one, and agrees about the time: it counts what expires."""
    if settings.redis_url is None:
        return "none, and none is needed"
    redis = await redis_client.open_redis(settings.redis_url)
    with redis_client.redis_faults:
        seconds, microseconds = await redis.time()
    check_skew("Redis", int(seconds) * SECOND + int(microseconds))
    return "answers"


async def examine_mail(settings: Settings) -> str:
    """The mail server, where there is one, takes us for who we are."""
    if settings.mail_server is None:
        return "none: who waits for an administrator is not written to"
    try:
        await mail.check(settings.mail_server)
    except mail.MailUnsent as error:
        raise Problem(f"LATCHKEY_SMTP_URL: {error}") from None
    return "the server lets us in"


async def examine_database(settings: Settings) -> str:
    """The database answers, and its migrations are those of this program."""
    await database.open_database(settings.database_url)
    await check_new_secret(settings)
    await migrations.check_migrations()
    return "PostgreSQL, up to date" if database.is_postgresql() else "SQLite, up to date"


async def examine_domains(settings: Settings) -> str:
    """No tenant's domain is the host of the public URL, which would hide the tenant or everybody else."""
    named = [tenant for tenant in await tenants.list_tenants(settings.public_url) if tenant.domain is not None]
    taken = [tenant.slug for tenant in named if tenant.domain == urlsplit(settings.public_url).hostname]
    if taken:
        raise Problem(
            f"tenant {', '.join(taken)}: its domain is the host of LATCHKEY_PUBLIC_URL, where it is not found"
        )
    return f"{len(named)} tenants have one of their own" if named else "no tenant has one of its own"


async def examine_rewrapping(settings: Settings) -> str:
    """Nothing is sealed under a master secret that is lost; what waits for `keys rewrap` is counted."""
    sealed = await keys.count_former()
    if sealed.under_unknown:
        raise Problem(
            f"{sealed.under_unknown} keys are under a master secret that is neither the current nor the previous"
        )
    listed = await tenants.list_tenants(settings.public_url)
    secrets = sum([await clients.count_former_secrets(tenant.id) for tenant in listed])
    if sealed.under_previous or secrets:
        left = f"{sealed.under_previous} keys and {secrets} client secrets"
        return f"{left} are under a former master secret: run latchkey keys rewrap"
    return "everything is under the current master secret"


async def examine_keys(settings: Settings) -> str:
    """Every tenant can sign, and its keys open under the master secret."""
    listed = await tenants.list_tenants(settings.public_url)
    for tenant in listed:
        try:
            await check_can_sign(tenant.id)
        except (encryption.Unsealable, keys.NoSuchKey) as error:
            raise Problem(f"tenant {tenant.slug}: {error}") from None
    return f"those of {len(listed)} tenants open"


async def examine_jobs(_: Settings) -> str:
    """What background work was given up; that is for somebody to look at, and keeps nobody from serving."""
    facts = await job_facts()
    kinds = ", ".join(count.kind for count in facts.counts if count.state is JobState.DEAD)
    given_up = f"{facts.total(JobState.DEAD)} were given up ({kinds})" if kinds else "none was given up"
    return f"{facts.total(JobState.WAITING)} are waiting, {given_up}"


ON_THE_DATABASE: dict[str, Check] = {
    "clock": examine_clock,
    "platform": examine_platform,
    "domains": examine_domains,
    "keys": examine_keys,
    "rewrapping": examine_rewrapping,
    "jobs": examine_jobs,
}


async def _is_well(name: str, check: Check, settings: Settings) -> bool:
    try:
        say(f"ok       {name}: {await check(settings)}")
    except REPORTED as error:
        say(f"problem  {name}: {error}")
        return False
    return True
