"""What commands stand on: the settings, the opened database, and expected failures told in one line."""

from __future__ import annotations

import asyncio
import os
import pwd
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from server import audit, clients, initial_access_tokens, resources, roles, scopes, tenants, trust, users
from server.administration import NotMigrated, NotPermitted
from server.administration.administrator_tokens import NotAnAdministrator
from server.administration.finding import Unknown
from server.administration.manifest import ManifestError, UnknownTenant
from server.credentials import InvalidPassword
from server.kernel import database, encryption, logs, migrations, passwords
from server.kernel.clock import to_seconds
from server.settings import BadSettings, check_new_secret, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from server.kernel.clock import Instant
    from server.settings import Settings
    from server.tenants import Tenant

T = TypeVar("T")

# What may go wrong without anything being wrong with the program; each has a message in one line.
EXPECTED = (
    BadSettings,
    InvalidPassword,
    ManifestError,
    NotAnAdministrator,
    NotMigrated,
    NotPermitted,
    Unknown,
    UnknownTenant,
    audit.BrokenChain,
    audit.ForeignCheckpoint,
    audit.NoChain,
    clients.InvalidClientDefinition,
    database.Unavailable,
    initial_access_tokens.InvalidInitialAccessToken,
    resources.InvalidResource,
    roles.InvalidRole,
    scopes.InvalidScope,
    tenants.InvalidTenant,
    migrations.PendingMigrations,
    trust.InvalidPolicy,
    trust.InvalidVerdict,
    users.InvalidUser,
)


def run(task: Callable[[Settings], Awaitable[T]]) -> T:
    """Do the work of a command with the settings of the environment; expected failures end it with exit code 1."""

    async def work(settings: Settings) -> T:
        return await task(settings)

    try:
        settings = load_settings()
        logs.configure(settings.log_format)
        return asyncio.run(work(settings))
    except EXPECTED as error:
        raise click.ClickException(str(error)) from None
    except database.AlreadyExists:
        raise click.ClickException("something of this name exists already") from None


def run_opened(task: Callable[[Settings], Awaitable[T]]) -> T:
    """The same, with the database open and up to date."""

    async def work(settings: Settings) -> T:
        async with opened(settings):
            return await task(settings)

    return run(work)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[None]:
    """As much of the server as a command needs, beside one that may be serving from the same database."""
    encryption.open_master_secrets(settings.secret_key, settings.secret_key_previous)
    passwords.open_pool()
    try:
        await database.open_database(settings.database_url)
        await check_new_secret(settings)
        await migrations.check_migrations()
        trust.open_reputation(settings)
        yield
    finally:
        trust.close_reputation()
        await database.close_database()
        passwords.close_pool()


async def get_tenant(slug: str, public_url: str) -> Tenant:
    """The tenant that a command names; raises UnknownTenant."""
    tenant = await tenants.find_by_slug(slug, public_url)
    if tenant is None:
        raise UnknownTenant("there is no such tenant")
    return tenant


def read_text(file: Path) -> str:
    """What a file says that a command was given."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{file}: cannot be read as UTF-8 text") from None


def operating_system_user() -> str:
    """Who runs the program, for the audit; by the process, since the environment could say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def in_utc(instant: Instant) -> str:
    """An instant as answers tell it: to the second, in ISO 8601."""
    return datetime.fromtimestamp(to_seconds(instant), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def say(line: str) -> None:
    """Tell the person at the terminal; answers that other programs read go to stdout instead."""
    click.echo(line, err=True)
