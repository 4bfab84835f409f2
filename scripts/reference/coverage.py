"""docs/reference/rfc-coverage.md: which tests hold us to which specification, read from their marks."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.reference import markdown
from scripts.reference.checklist import LATER, ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TESTS = Path(__file__).resolve().parents[2] / "tests"
Marks = dict[tuple[str, ...], set[str]]

_INTRODUCTION = """\
Tests carry the section that they hold us to: `@pytest.mark.rfc("7636", "4.6")`, or the row of the MCP
checklist, `@pytest.mark.checklist("1a.4")`. This page lists the files with such tests.
"""


def page() -> str:
    """The page."""
    shown = marks("checklist")
    asked = [*ROWS.items(), *((row, asks) for row, asks in LATER.items() if (row,) in shown)]
    rows = [
        (row, asks, _files(shown.get((row,), set()))) for row, asks in sorted(asked, key=lambda item: _order(item[0]))
    ]
    checklist = "## MCP authorization, revision 2026-07-28\n\n" + markdown.table(("row", "asks for", "shown by"), rows)
    return markdown.head("What is tested, by specification", _INTRODUCTION) + "\n" + checklist + _specifications()


def _specifications() -> str:
    sections = defaultdict[str, list[tuple[str, str]]](list)
    for key, files in sorted(marks("rfc").items(), key=lambda item: [_order(part) for part in item[0]]):
        sections[key[0]].append(("§" + key[1] if len(key) > 1 else "all of it", _files(files)))
    return "".join(
        f"\n## {_title(name)}\n\n" + markdown.table(("section", "shown by"), rows) for name, rows in sections.items()
    )


def marks(name: str) -> Marks:
    """The arguments of every mark of a kind, with the test files that carry it."""
    found = defaultdict[tuple[str, ...], set[str]](set)
    for path in sorted(TESTS.rglob("test_*.py")):
        if "node_modules" not in path.parts:
            for arguments in _marks_in(ast.parse(path.read_text(encoding="utf-8")), name):
                found[arguments].add(path.relative_to(TESTS).as_posix().removesuffix(".py"))
    return dict(found)


def _marks_in(tree: ast.Module, name: str) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(f"mark.{name}"):
            yield tuple(str(ast.literal_eval(argument)) for argument in node.args)


def _files(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _title(name: str) -> str:
    return f"RFC {name}" if name.isdecimal() else name


def _order(text: str) -> list[tuple[int, str]]:
    """Sections in the order of a table of contents: 4.2 before 4.10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"[. ]", text)]


def rows_without_a_test() -> list[str]:
    """Rows of the checklist that no test shows."""
    shown: Mapping[tuple[str, ...], set[str]] = marks("checklist")
    return [row for row in ROWS if (row,) not in shown]


def marks_of_no_row() -> list[str]:
    """Marks that name a row which does not exist."""
    return [row for (row, *_) in marks("checklist") if row not in {**ROWS, **LATER}]
