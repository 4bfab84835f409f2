"""`latchkey admin create`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from server.administration import Operator, administrators, get_system_tenant
from server.administration.administrators import NewAdministrator
from server.credentials import check_password
from server.kernel import clock, passwords
from server.roles import AdminRole

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.settings import Settings

TENANT_ROLES = [role.value for role in AdminRole if role is not AdminRole.PLATFORM_OWNER]


@click.command("create")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--tenant", help="Limit the administrator to this tenant.")
@click.option("--role", type=click.Choice([role.value for role in AdminRole]), help="What they may do there.")
def command(username: str, *, password_stdin: bool, tenant: str | None, role: str | None) -> None:  # noqa: ARG001 - it is the only way to give one
    """Make an administrator: of the whole platform, or with --tenant and --role of one tenant."""
    if (tenant is None) != (role in {None, AdminRole.PLATFORM_OWNER}):
        raise click.UsageError(f"--tenant goes with a --role of {', '.join(TENANT_ROLES)}, and the other way round")
    password = sys.stdin.readline().rstrip("\r\n")
    chosen = AdminRole(role) if role else AdminRole.PLATFORM_OWNER
    run_opened(lambda settings: create(settings, username, password, chosen, tenant))
    say(f"{username} is now {chosen.value}" + (f" of {tenant}." if tenant else "."))


async def create(settings: Settings, username: str, password: str, role: AdminRole, slug: str | None) -> None:
    """Make an administrator with a password."""
    check_password(password)
    system = await get_system_tenant(settings.public_url)
    tenant = await get_tenant(slug, settings.public_url) if slug else None
    new = NewAdministrator(username, await passwords.hash_password(password), role, tenant)
    operator = Operator.at_the_command_line(operating_system_user())
    await administrators.create(operator, system, new, clock.now())
