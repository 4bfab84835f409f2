"""The table of commands. A command's module is imported when the command is called, for most need little."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is not loaded yet; `module` has it as `command`. A group has entries instead."""

    summary: str
    module: str | None = None
    entries: Mapping[str, Entry] | None = None


class LazyGroup(click.Group):
    """A group that knows its commands by name and summary, and loads the one that is called."""

    def __init__(self, name: str, summary: str, entries: Mapping[str, Entry]) -> None:
        super().__init__(name, help=summary, no_args_is_help=True)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the table's order."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load a command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.entries is not None:
            return LazyGroup(cmd_name, entry.summary, entry.entries)
        command: click.Command = import_module(f"server.cli.{entry.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


COMMANDS = {
    "serve": Entry("Serve.", "serve"),
    "migrate": Entry("Bring the database up to date.", "migrate"),
    "apply": Entry("Create or update tenants from manifests.", "apply"),
    "export": Entry("Print the manifest of a tenant, without secrets.", "export"),
    "admin": Entry(
        "Administrators and their tokens.",
        entries={
            "create": Entry("Make an administrator.", "admin_create"),
            "token": Entry("Print a bearer token for /api/v1, good for 15 minutes.", "admin_token"),
        },
    ),
    "keys": Entry(
        "Signing keys and the master secret.",
        entries={
            "rotate": Entry("Sign with new keys from now on.", "keys_rotate"),
            "rewrap": Entry("Bring everything under the current master secret.", "keys_rewrap"),
        },
    ),
    "registration": Entry(
        "Initial access tokens: who may register clients.",
        entries={
            "token": Entry("Print a token that registers clients of one kind.", "registration_token"),
            "tokens": Entry("List the tokens of a tenant.", "registration_tokens"),
            "revoke": Entry("Let nobody register with a token any more.", "registration_revoke"),
        },
    ),
    "client": Entry(
        "Clients that registered themselves.",
        entries={"state": Entry("Quarantine, block, promote or release a client.", "client_state")},
    ),
    "audit": Entry(
        "The audit log.",
        entries={
            "verify": Entry("Check the audit hash chain.", "audit_verify"),
            "checkpoint": Entry("Print a signed checkpoint of the chain, to be kept elsewhere.", "audit_checkpoint"),
            "export": Entry("Print the audit log as JSON Lines or CSV.", "audit_export"),
        },
    ),
    "jobs": Entry(
        "Background work that was given up.",
        entries={
            "dead": Entry("List it.", "jobs_dead"),
            "retry": Entry("Have it tried again.", "jobs_retry"),
        },
    ),
    "trust": Entry(
        "Where people may be sent.",
        entries={
            "explain": Entry("Print the decision on a redirect URI.", "trust_explain"),
            "verdict": Entry("Trust or block a host, or a client at a redirect URI.", "trust_verdict"),
            "replay": Entry("Print what another policy would have changed.", "trust_replay"),
        },
    ),
    "doctor": Entry("Check configuration, database, Redis, keys and clock.", "doctor"),
}


def main() -> None:
    """Run the program."""
    LazyGroup("latchkey", "An OAuth 2.1, OpenID Connect and MCP authorization server.", COMMANDS)(prog_name="latchkey")
