"""The release before this one: its code out of the repository's history, run with the packages that are installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from typing import TYPE_CHECKING

from tests.support.processes import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


class NoPreviousRelease(Exception):
    """There is no history, or nothing in it that runs here; the message says which."""


def check_out(folder: Path) -> str:
    """Write the previous release into a folder; its commit. Raises NoPreviousRelease.

    That is the newest commit without the newest migration, for a migration is what may break it. Where there is none
    that serves, or it needs packages that are no longer installed, it is the commit before this one.
    """
    candidates = list(filter(None, (_before_the_newest_migration(), _git("rev-parse", "--verify", "HEAD~1"))))
    if not candidates:
        raise NoPreviousRelease("this is no clone with a history: the release before it is not known")
    for commit in candidates:
        _extract(commit, folder / commit)
        if _can_run(folder / commit):
            return commit
    raise NoPreviousRelease(f"{' and '.join(candidates)} need packages that are no longer installed")


def _before_the_newest_migration() -> str:
    added = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", "migrations/0*.py")
    return _git("rev-parse", "--verify", f"{added}~1") if added else ""


def _extract(commit: str, folder: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=PROJECT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def _can_run(folder: Path) -> bool:
    if not list(folder.glob("migrations/0*.py")):
        return False
    importing = [sys.executable, "-P", "-c", "import server.app, server.cli.serve, server.cli.migrate"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(importing, env=environment, capture_output=True, check=False).returncode == 0


def _git(*arguments: str) -> str:
    """What git answers; nothing when it does not know, or is not there."""
    try:
        done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
