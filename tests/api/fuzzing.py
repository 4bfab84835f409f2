"""Schemathesis against a served installation: every answer must be one that the OpenAPI document promises.

python -m tests.api.fuzzing SECONDS    as long as you like; `make api-fuzz` is five minutes
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.api.tenants import manifest_of
from tests.support.processes import Server, install, serving

CONFIGURATION = Path(__file__).parent / "schemathesis.toml"
PROGRAM = Path(sys.executable).parent / "st"


def fuzz(server: Server, folder: Path, seconds: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask whatever the document allows, and what it does not, as the owner of the platform."""
    server.installation.run("admin", "create", "root", "--password-stdin", stdin="a-password-of-the-administrator\n")
    token = server.installation.run("admin", "token", "root").strip()
    command = (
        str(PROGRAM), "--config-file", str(CONFIGURATION), "run", f"{server.url}/api/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--max-time", str(seconds), "--continue-on-failure",
        "--warnings", "off", "--request-timeout", "60", "--suppress-health-check", "all", *options,
    )  # fmt: skip
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=seconds + 600)


def main() -> int:
    """Fuzz for some seconds and print what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite://{folder}/latchkey.sqlite3"
        installation = install(folder, database_url=url, manifests=[manifest_of("acme")])
        with serving(installation) as (server,):
            done = fuzz(server, folder, int(sys.argv[1]))
            sys.stdout.write(done.stdout + done.stderr)
            failures = [line for line in server.log().splitlines() if "api failed" in line]
            sys.stdout.write("".join(f"{line}\n" for line in failures))
    return done.returncode or bool(failures)


if __name__ == "__main__":
    raise SystemExit(main())
