"""Import rules that import-linter cannot say, and that its contracts know every package. docs/adr/0001."""

from __future__ import annotations

import re
import tomllib

from tests.house.sources import ROOT, Module, modules

SLICES = (
    "audit", "clients", "credentials", "grants", "initial_access_tokens", "interactions", "keys", "projections",
    "resources", "roles", "scopes", "sessions", "tenants", "trust", "users",
    "webhooks",
)  # fmt: skip

# A slice whose use is so wide that it has a second door.
SECOND_DOORS = {
    "server.audit.administration_events": "the events of administration alone",
    "server.audit.people_events": "the same",
    "server.audit.platform_events": "the same",
    "server.audit.role_events": "the same",
}


def test_slices_are_entered_by_their_doors() -> None:
    broken = [
        f"{module.place} imports {name}"
        for module in modules()
        for name in module.imports()
        if _is_behind_a_door(module, name)
    ]
    assert broken == []


def _is_behind_a_door(module: Module, name: str) -> bool:
    parts = name.split(".")
    inside = len(parts) > 2 and parts[0] == "server" and parts[1] in SLICES
    return (
        inside
        and name not in SECOND_DOORS
        and not module.name.startswith(f"server.{parts[1]}.")
        and module.name != f"server.{parts[1]}"
        and _is_module(name)
    )


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_doors_say_what_they_open() -> None:
    doors = [module for module in modules("server") if module.name in {f"server.{name}" for name in SLICES}]
    assert [door.place for door in doors if "__all__" not in door.text] == []


def test_every_package_stands_in_the_layers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name for layer in layers for name in re.findall(r"[a-z_.]+", layer)}
    packages = {path.parent.name for path in (ROOT / "server").glob("*/__init__.py")}
    files = {path.stem for path in (ROOT / "server").glob("*.py")} - {"__init__"}
    assert {f"server.{name}" for name in packages | files} - named == set()


def test_what_is_optional_in_the_layers_is_not_built_yet() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    optional = {name for layer in layers for name in re.findall(r"\(([a-z_.]+)\)", layer)}
    assert {name for name in optional if _is_module(name)} == set()
