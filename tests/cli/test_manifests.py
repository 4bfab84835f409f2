"""`latchkey apply` and `latchkey export`."""

from __future__ import annotations

import re

from tests.factories.manifests import FULL
from tests.support.processes import Installation


def write(installation: Installation, text: str, name: str = "changed.yaml") -> str:
    (installation.directory / name).write_text(text, encoding="utf-8")
    return name


def signs(plan: str) -> list[str]:
    return [line[:2] for line in plan.splitlines()]


def test_second_time_everything_is_unchanged(installation: Installation) -> None:
    done = installation.attempt("apply", "acme.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    assert set(signs(done.stderr)) == {"= "}


def test_dry_run_tells_and_changes_nothing(installation: Installation) -> None:
    other = write(installation, FULL.replace("tenant: acme", "tenant: dry"))
    done = installation.attempt("apply", other, "--dry-run")
    assert done.returncode == 0
    assert signs(done.stderr) == ["+ "] * 10
    assert installation.attempt("export", "dry").returncode == 1


def test_export_goes_to_stdout_and_apply_accepts_it(installation: Installation) -> None:
    text = installation.run("export", "acme")
    assert text.startswith("tenant: acme\n")
    assert "change-me" not in text
    done = installation.attempt("apply", write(installation, text), "--prune")
    assert set(signs(done.stderr)) == {"= "}


def test_nothing_is_changed_when_one_of_the_files_is_wrong(installation: Installation) -> None:
    good = write(installation, "tenant: never-made", "good.yaml")
    bad = write(installation, "tenant: acme\ncleints: []", "bad.yaml")
    done = installation.attempt("apply", good, bad)
    assert (done.returncode, done.stderr) == (1, "Error: bad.yaml:2: cleints: unknown key\n")
    assert installation.attempt("export", "never-made").returncode == 1


def test_file_that_is_no_text_is_refused_in_one_line(installation: Installation) -> None:
    (installation.directory / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    done = installation.attempt("apply", "binary.yaml")
    assert (done.returncode, done.stderr) == (1, "Error: binary.yaml: cannot be read as UTF-8 text\n")


def test_name_that_is_taken_elsewhere_is_told_in_one_line(installation: Installation) -> None:
    both = "tenant: one\ndomain: taken.acme.test\n---\ntenant: two\ndomain: taken.acme.test\n"
    done = installation.attempt("apply", write(installation, both))
    assert done.returncode == 1
    assert done.stderr.splitlines()[:2] == ["+ tenant one", "+ tenant two"]
    assert re.fullmatch(r"Error: changed\.yaml:4: tenant: .* taken .*", done.stderr.splitlines()[-1])


def test_system_tenant_is_neither_applied_nor_exported(installation: Installation) -> None:
    for arguments in (("apply", write(installation, "tenant: system")), ("export", "system")):
        done = installation.attempt(*arguments)
        assert done.returncode == 1
        assert "Latchkey's own tenant" in done.stderr


def test_many_new_people_are_made_with_a_progress_bar_on_a_terminal_only(installation: Installation) -> None:
    people = [f"{{username: person{number}, password: a-password-of-theirs}}" for number in range(31)]
    done = installation.attempt("apply", write(installation, f"tenant: crowd\nusers: [{', '.join(people)}]"))
    assert done.returncode == 0
    assert signs(done.stderr) == ["+ "] * 32
