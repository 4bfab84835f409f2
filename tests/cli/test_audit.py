"""`latchkey audit`: verify, checkpoint, export."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.support.processes import Installation


def test_a_chain_that_holds_is_said_to_hold(installation: Installation) -> None:
    checkpoint = installation.run("audit", "checkpoint", "acme")
    assert checkpoint.count("\n") == 1
    done = installation.attempt("audit", "verify", "acme")
    assert (done.returncode, done.stdout) == (0, "")
    assert "The chain holds:" in done.stderr


def test_a_kept_checkpoint_is_compared_and_a_damaged_one_refused(installation: Installation, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_text(installation.run("audit", "checkpoint", "acme"))
    installation.run("audit", "verify", "acme", "--checkpoint", str(kept))
    kept.write_text("nothing of ours")
    done = installation.attempt("audit", "verify", "acme", "--checkpoint", str(kept))
    assert (done.returncode, done.stderr) == (1, "Error: this is no checkpoint\n")


def test_export_writes_json_lines_or_csv_to_stdout(installation: Installation) -> None:
    lines = [json.loads(line) for line in installation.run("audit", "export", "acme").splitlines()]
    assert "tenant.created" in [line["event"] for line in lines]
    rows = list(csv.DictReader(io.StringIO(installation.run("audit", "export", "acme", "--format", "csv"))))
    # The first export is itself among what the second one finds.
    assert [row["event"] for row in rows][: len(lines)] == [line["event"] for line in lines]
    assert rows[-1]["event"] == "audit.exported"


def test_export_by_event_and_time(installation: Installation) -> None:
    done = installation.attempt("audit", "export", "acme", "--event", "tenant.created", "--since", "2020-01-01")
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["tenant.created"]
    assert done.stderr == "1 events were written.\n"
    assert installation.run("audit", "export", "acme", "--until", "2020-01-01") == ""
    assert installation.attempt("audit", "export", "acme", "--since", "yesterday").returncode == 2
    assert installation.attempt("audit", "verify", "nobody").returncode == 1
