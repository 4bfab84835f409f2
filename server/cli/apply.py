"""`latchkey apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.administration import Operator
from server.administration.manifest import (
    Manifest,
    ManifestError,
    Options,
    Plan,
    apply_manifest,
    hash_passwords,
    parse_manifests,
    plan_manifest,
)
from server.kernel import clock, database
from server.tenants import Origin

from .running import operating_system_user, read_text, run_opened, say

if TYPE_CHECKING:
    from server.settings import Settings


@click.command("apply")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
@click.option("--prune", is_flag=True, help="Remove what a manifest made and none of its sections names any more.")
@click.option("--set-secrets", is_flag=True, help="Make each client_secret the client's only one.")
def command(files: tuple[Path, ...], *, dry_run: bool, prune: bool, set_secrets: bool) -> None:
    """Create or update tenants from manifests: + created, ~ changed, = unchanged, - removed."""

    async def work(settings: Settings) -> None:
        # Every file is read before the first tenant is touched.
        manifests = [manifest for file in files for manifest in parse_manifests(read_text(file), str(file))]
        options = Options(settings.public_url, prune=prune, set_secrets=set_secrets)
        for manifest in manifests:
            plan = await plan_manifest(manifest, options, clock.now())
            _show(plan)
            if not dry_run and not plan.is_done:
                await apply(manifest, plan, options)

    run_opened(work)


async def apply(manifest: Manifest, plan: Plan, options: Options) -> None:
    """Carry out a plan that was shown."""
    hashes = await _hash_passwords(plan)
    operator = Operator.at_the_command_line(operating_system_user(), Origin.MANIFEST)
    try:
        await apply_manifest(operator, manifest, options, hashes, clock.now())
    except database.AlreadyExists:
        why = "a domain, an email or a client_id in it is taken by something that no manifest made"
        raise ManifestError(manifest.place, why) from None


def _show(plan: Plan) -> None:
    for change in plan.changes:
        say(str(change))
    for warning in plan.warnings:
        say(f"warning: {warning}")


async def _hash_passwords(plan: Plan) -> dict[str, str]:
    total = sum(change.after is not None and change.after.password is not None for change in plan.people)
    hidden = total < MANY or not sys.stderr.isatty()
    with click.progressbar(length=total, label="Hashing passwords", file=sys.stderr, hidden=hidden) as bar:
        return await hash_passwords(plan, lambda: bar.update(1))


# As long as hashing takes about a second, nobody needs to watch it.
MANY = 30
