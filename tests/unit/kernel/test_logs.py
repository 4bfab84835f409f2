"""What is logged, and where."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from server.kernel import logs


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logs._configure_structlog(logs._text())
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    logs.get_logger("here").info("something happened", grant="g1")
    logging.getLogger("elsewhere").warning("a library says %s", "so")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["level"], ours["logger_name"], ours["grant"]) == (
        "something happened",
        "info",
        "here",
        "g1",
    )
    assert (theirs["event"], theirs["level"], theirs["logger_name"]) == ("a library says so", "warning", "elsewhere")


def test_text_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    logs.get_logger("here").warning("something happened")
    logs.get_logger("here").debug("of no interest")
    output = capsys.readouterr()
    assert output.out == ""
    assert "something happened" in output.err
    assert "of no interest" not in output.err


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_exceptions_are_logged_with_their_place_and_without_variables(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(log_format)
    password = "correct horse"
    try:
        int("nothing there")
    except ValueError:
        logs.get_logger("here").exception("failed")
        logging.getLogger("elsewhere").exception("failed, too")
    logged = capsys.readouterr().err
    assert "failed, too" in logged
    assert "nothing there" in logged
    assert "test_logs.py" in logged
    assert password not in logged


async def test_a_request_marks_what_its_tasks_log(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")

    async def request(correlation_id: str) -> None:
        logs.begin_request(correlation_id, "192.0.2.1")
        await asyncio.create_task(work())

    async def work() -> None:
        logs.get_logger("here").info("working")

    await asyncio.gather(asyncio.create_task(request("one")), asyncio.create_task(request("two")))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["correlation_id"] for line in lines] == ["one", "two"]
    assert logs.current_request() is None
