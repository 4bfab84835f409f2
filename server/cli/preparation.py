"""What happens before workers start: migrations, the demo, and the checks that need the database."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from server.administration import Operator, administrators, console_of, get_system_tenant
from server.administration.administrators import NewAdministrator
from server.administration.manifest import Options, parse_manifests, plan_manifest
from server.kernel import clock, digests, passwords
from server.kernel.places import CHECKOUT
from server.roles import AdminRole
from server.serving.workers import check_workers
from server.settings import BadSettings

from .apply import apply
from .migrate import migrate as run_migrations
from .running import opened, operating_system_user, run, say

if TYPE_CHECKING:
    from server.settings import Settings

DEMO = CHECKOUT / "examples" / "demo.yaml"
ADMINISTRATOR = "admin"


def prepare(*, migrate: bool, demo: bool, workers: int) -> None:
    """Migrate, seed, check; what fails ends the process with one line and exit code 1."""

    async def work(settings: Settings) -> None:
        check_workers(settings, workers)
        if demo and not settings.is_loopback:
            raise BadSettings("LATCHKEY_PUBLIC_URL: the demo's passwords are known to everybody: loopback only")
        if migrate:
            await run_migrations(settings)
            # It has checked that the database was empty; what is there now was sealed under this secret.
            settings = replace(settings, secret_is_new=False)
        async with opened(settings):
            if demo:
                await seed(settings)

    try:
        run(work)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


async def seed(settings: Settings) -> None:
    """Make the demo tenant and an administrator, whatever of them is missing; idempotent."""
    options = Options(settings.public_url)
    for manifest in parse_manifests(DEMO.read_text("utf-8"), str(DEMO)):
        plan = await plan_manifest(manifest, options, clock.now())
        if not plan.is_done:
            await apply(manifest, plan, options)
    say(f"Console:  {console_of(settings.public_url)}")
    password = await _make_administrator(settings)
    if password is not None:
        say(f"Sign in as {ADMINISTRATOR} with the password {password} (it is shown this once).")


async def _make_administrator(settings: Settings) -> str | None:
    """The password of an administrator who was made just now; None when there was one."""
    system = await get_system_tenant(settings.public_url)
    if await administrators.find(system, ADMINISTRATOR) is not None:
        return None
    password = digests.random_token(96)
    new = NewAdministrator(ADMINISTRATOR, await passwords.hash_password(password), AdminRole.PLATFORM_OWNER, None)
    operator = Operator.at_the_command_line(operating_system_user())
    await administrators.create(operator, system, new, clock.now())
    return password
