"""`latchkey trust replay`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.administration import Operator, trust_replay
from server.administration.manifest import parse_manifests, read_documents, read_trust_policy
from server.kernel import clock
from server.trust import TrustPolicy

from .running import get_tenant, operating_system_user, read_text, run_opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.administration.trust_replay import Replay, Share, Transition
    from server.settings import Settings

MOST_LISTED = 10


@click.command("replay")
@click.argument("tenant")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 365), default=trust_replay.DEFAULT_DAYS, show_default=True)
def command(tenant: str, file: Path, *, days: int) -> None:
    """Print what the trust policy in FILE would have changed; nothing is saved.

    FILE is a manifest, or what stands below its trust_policy; verdicts are those that were in force at the time.
    """

    async def work(settings: Settings) -> Replay:
        policy = read_policy(read_text(file), str(file))
        found = await get_tenant(tenant, settings.public_url)
        with click.progressbar(length=1, label="Replaying", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

            async def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            operator = Operator.at_the_command_line(operating_system_user())
            return await trust_replay.replay(operator, found, policy, days=days, now=clock.now(), progress=progress)

    for line in told(run_opened(work), days):
        click.echo(line)


def read_policy(text: str, file: str) -> TrustPolicy:
    """The policy of a file; raises ManifestError."""
    written = next(read_documents(text, file), None)
    if written is None:
        return TrustPolicy()
    document = written.plain()
    if isinstance(document, dict) and "tenant" in document:
        entry = parse_manifests(text, file)[0].trust
        return TrustPolicy() if entry is None else entry.policy
    return read_trust_policy(written).policy


def told(done: Replay, days: int) -> Iterator[str]:
    """The result, the gravest transition first."""
    yield f"{done.evaluated} authorizations of the last {days} days, {done.changed} of which would have ended otherwise"
    if done.unreadable:
        yield f"{done.unreadable} were recorded by a later release and were not evaluated"
    for transition in sorted(done.transitions.values(), key=lambda found: -found.total.authorizations):
        yield from _told(transition)


def _told(transition: Transition) -> Iterator[str]:
    yield f"{transition.before.value} -> {transition.after.value}: {_share(transition.total)}"
    yield from _listed("client", transition.clients)
    yield from _listed("host", transition.hosts)


def _listed(noun: str, named: Mapping[str, Share]) -> Iterator[str]:
    ordered = sorted(named.items(), key=lambda item: -item[1].authorizations)
    for name, share in ordered[:MOST_LISTED]:
        yield f"  {noun} {name or 'others'}: {_share(share)}"
    if len(ordered) > MOST_LISTED:
        yield f"  {noun}s not listed: {len(ordered) - MOST_LISTED}"


def _share(share: Share) -> str:
    people = f"{'' if share.people.is_exact else 'about '}{share.people.total}"
    return f"{share.authorizations} of {people} {'person' if people == '1' else 'people'}"
