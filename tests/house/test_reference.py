"""The reference says what the code does, and every specification that we claim has its tests."""

from __future__ import annotations

import pytest

from scripts.reference import FOLDER, PAGES, coverage


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_fresh(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "make reference"


def test_every_row_of_the_checklists_has_a_test() -> None:
    assert coverage.rows_without_a_test() == []


def test_marks_name_rows_that_exist() -> None:
    assert coverage.marks_of_no_row() == []
