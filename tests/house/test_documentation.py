"""Documentation leads somewhere, and decisions say what holds them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, modules, repository_files

PAGES = tuple(path for path in repository_files() if path.suffix == ".md")
DECISIONS = tuple(sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")))
MAX_LINES = 60


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_links_lead_somewhere() -> None:
    broken = [
        f"{_place(page)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_named_files_exist() -> None:
    broken = [
        f"{_place(page)}: {name}"
        for page in PAGES
        for name in re.findall(
            r"(?<![\w/.-])((?:server|web|tests|scripts|examples|docs|bench)/[\w./-]*\w)", page.read_text()
        )
        if page.name != "rfc-coverage.md" and not any((ROOT / f"{name}{end}").exists() for end in ("", ".py"))
    ]
    assert broken == []


def test_every_page_is_reachable_from_the_index() -> None:
    seen, waiting = set[Path](), [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = re.findall(r"\]\(([^)#\s:]+)[^)]*\)", page.read_text(encoding="utf-8"))
        waiting.extend((page.parent / target).resolve() for target in targets)
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs") and page not in DECISIONS}
    assert {_place(page) for page in pages - seen} == set()


def test_every_fault_that_is_tested_is_explained_and_the_other_way_round() -> None:
    page = (ROOT / "docs" / "explanation" / "what-faults-do.md").read_text(encoding="utf-8")
    tested = {
        function.name
        for module in modules("tests/faults")
        if module.path.name != "test_figures.py"  # nothing fails there
        for function in module.functions()
        if function.name.startswith("test_")
    }
    assert set(re.findall(r"`(test_\w+)`", page)) == tested


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_decisions_are_one_page_and_say_what_enforces_them(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    sections = re.findall(r"^## (.*)", text, re.MULTILINE)
    assert text.startswith(f"# {decision.name[:4]}. ")
    assert sections == ["Why", "Decision", "What follows", "What enforces it"]
    assert len(text.splitlines()) <= MAX_LINES


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(decision.name[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))
