"""What the repository may hold: nothing of one machine, no registry's address, no silence without a reason."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest

from tests.house.sources import ROOT, modules, repository_files

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "bench/peers/requirements.txt")

# Written in pieces, so that this file does not hold what it looks for.
MACHINE = re.compile("|".join(("/ho" + r"me/\w+", "/ro" + "ot/", "/Use" + r"rs/\w+", "/wo" + "rk/", "/op" + "t/")))
REGISTRY = re.compile(
    "|".join((r"py" + r"pi\.org", "pythonho" + r"sted\.org", r"registry\.npm" + r"js\.org", "artifact" + "ory"))
)
SILENCE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|fmt:|ruff:|mypy:|nosec)(?P<rest>.*)")
REASON = re.compile(r"(\s+[-#]\s+|\s{2,})\w+")
NEEDS_NO_REASON = ("fmt:",)

# Distribution names whose import name differs, and what is used without an import.
IMPORT_NAMES = {
    "argon2-cffi": "argon2",
    "dnspython": "dns",
    "httptools": "uvicorn",  # the parser that it loads by name
    "pillow": "PIL",
    "pyyaml": "yaml",
    "tortoise-orm": "tortoise",
}

# What belongs to an extra, under a name that several distributions share; and who may import it, inside functions.
SHARED_NAMES = {"opentelemetry"}
USERS_OF_EXTRAS = {"server.hosting.tracing"}


def test_nothing_names_a_machine_or_a_registry() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in repository_files()
        for number, line in enumerate(_lines(path), start=1)
        if MACHINE.search(line) or REGISTRY.search(line)
    ]
    assert broken == []


def _lines(path: object) -> list[str]:
    try:
        return (ROOT / str(path)).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # an image


def test_silencing_a_check_has_a_reason() -> None:
    broken = [
        f"{module.place}:{number}"
        for module in modules("server", "web", "tests", "examples", "bench", "scripts")
        for number, line in enumerate(module.text.splitlines(), start=1)
        if "#" in line
        and (found := SILENCE.search(line))
        and found[1] not in NEEDS_NO_REASON
        and not REASON.search(found["rest"])
    ]
    assert broken == []


@pytest.mark.parametrize("name", LOCKS)
def test_requirements_are_pinned_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_requirements_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {_normal(item) for item in project["project"]["dependencies"]}
    developing = {_normal(item) for item in project["dependency-groups"]["dev"]}
    assert asked <= _locked("requirements.txt") <= _locked("requirements-dev.txt")
    assert developing <= _locked("requirements-dev.txt")


def test_every_dependency_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    imported = {name.partition(".")[0] for module in modules("server", "web") for name in module.imports()}
    asked = {_normal(item) for item in project["project"]["dependencies"]}
    assert {name for name in asked if IMPORT_NAMES.get(name, name) not in imported} == set()


def test_every_import_is_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    asked = {_normal(item) for group in (project["project"]["dependencies"], *extras) for item in group}
    owners = metadata.packages_distributions()
    outside = {
        _normal(owners[top][0])
        for module in modules("server", "web")
        for name in module.imports()
        if (top := name.partition(".")[0]) in owners and top not in SHARED_NAMES
    }
    assert outside - asked - {"latchkey"} == set()


def test_extras_are_imported_where_they_are_needed_only() -> None:
    broken = [
        module.place
        for module in modules("server", "web")
        if any(name.partition(".")[0] in SHARED_NAMES for name in module.imports())
        and module.name not in USERS_OF_EXTRAS
    ]
    assert broken == []


def _locked(name: str) -> set[str]:
    return {_normal(line) for line in re.findall(r"^[a-z0-9].*", (ROOT / name).read_text(), re.MULTILINE)}


def _normal(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9][\w.-]*", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()
