"""`latchkey export`."""

from __future__ import annotations

import click

from server.administration.manifest import export_tenant
from server.tenants import SYSTEM_SLUG

from .running import run_opened


@click.command("export")
@click.argument("tenant")
def command(tenant: str) -> None:
    """Print the manifest of a tenant, without secrets."""
    if tenant == SYSTEM_SLUG:
        raise click.ClickException(f"{SYSTEM_SLUG} is Latchkey's own tenant and has no manifest")
    click.echo(run_opened(lambda settings: export_tenant(tenant, settings.public_url)), nl=False)
