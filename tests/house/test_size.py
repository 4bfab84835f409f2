"""What is small can be read: functions under 30 lines, modules up to 250, templates up to 120."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.sources import ROOT, Function, modules

MAX_MODULE = 250
MAX_FUNCTION = 29
MAX_TEMPLATE = 120


def test_modules_are_short() -> None:
    lengths = {module.place: len(module.text.splitlines()) for module in modules()}
    assert {place: length for place, length in lengths.items() if length > MAX_MODULE} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{module.place}:{function.name}": _length(function) for module in modules() for function in module.functions()
    }
    assert {place: length for place, length in lengths.items() if length > MAX_FUNCTION} == {}


def test_templates_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in _templates()}
    assert {place: length for place, length in lengths.items() if length > MAX_TEMPLATE} == {}


def _templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def _length(function: Function) -> int:
    """Lines from `def` to the end, the docstring left out: nobody should save on explaining."""
    lines = int(function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= int(first.end_lineno or 0) - first.lineno + 1
    return lines
