"""docs/reference/cli.md: every command, with its own help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.reference import markdown
from server.cli.commands import COMMANDS, LazyGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
`.venv/bin/latchkey` works from any folder, and beside a process that serves from the same database. Answers
go to stdout, everything else to stderr. It ends with 0 when done, 1 when it refused or failed (one line on
stderr says why), 2 when it was called wrongly.
"""


def page() -> str:
    """The page."""
    sections = [
        f"## `{name}`\n\n```text\n{text}\n```\n"
        for name, text in _helps(LazyGroup("latchkey", "", COMMANDS), "latchkey")
    ]
    return markdown.head("Commands", _INTRODUCTION) + "\n" + "\n".join(sections)


def _helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
    yield name, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for part in sorted(command.list_commands(context)):
            found = command.get_command(context, part)
            if found is not None and not found.hidden:
                yield from _helps(found, f"{name} {part}")
