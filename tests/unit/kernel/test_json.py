"""JSON in columns."""

import pytest

from server.kernel.json import dump_json, load_json


def test_what_is_written_can_be_read() -> None:
    value = {"a": [1, 2.5, None, True], "ä": {"b": "c"}}
    assert load_json(dump_json(value)) == value
    assert dump_json({"a": 1}) == '{"a":1}'


def test_nonsense_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="unexpected"):
        load_json("{")
