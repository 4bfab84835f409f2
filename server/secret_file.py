"""The file of the master secret: read where it is given, made once where everything is on this machine."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from server.kernel.database_url import SqliteUrl, parse_database_url
from server.kernel.places import VAR

SECRET_FILE = VAR / "secret.key"
SECRET_BYTES = 48
LOST = f"the database has content, but {SECRET_FILE} is gone: bring it back"


def read_secret_file(path: Path) -> str:
    """The secret in a file, without surrounding white space; raises OSError, ValueError."""
    try:
        return path.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError("the secret file is not text") from None


def made_or_read(database_url: str) -> tuple[str, bool]:
    """The secret of a development checkout, and whether it was made just now; raises OSError, ValueError.

    None is made beside a database that has content: what is sealed in it would be lost.
    """
    if SECRET_FILE.exists():
        return read_secret_file(SECRET_FILE), False
    target = parse_database_url(database_url)
    if isinstance(target, SqliteUrl) and Path(target.path).exists() and Path(target.path).stat().st_size:
        raise ValueError(LOST)
    return _make()


def unmake() -> None:
    """Remove a secret that should not have been made."""
    SECRET_FILE.unlink(missing_ok=True)


def _make() -> tuple[str, bool]:
    SECRET_FILE.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    draft = SECRET_FILE.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    try:
        # Linking shows the whole file at once, and fails when another process was faster.
        SECRET_FILE.hardlink_to(draft)
    except FileExistsError:
        return read_secret_file(SECRET_FILE), False
    finally:
        draft.unlink()
    return secret, True
