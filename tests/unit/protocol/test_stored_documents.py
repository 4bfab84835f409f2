"""Documents of our own, read back."""

from __future__ import annotations

import pytest

from server.protocol.stored_documents import StoredDocument

STORED = StoredDocument({"text": "a", "number": 0, "flag": True, "texts": ["a", "b"], "mixed": ["a", 1], "object": {}})


def test_members_are_read_back_with_their_types() -> None:
    assert STORED.text("text") == "a"
    assert STORED.optional_text("text") == "a"
    assert STORED.optional_integer("number") == 0
    assert STORED.flag("flag") is True
    assert STORED.texts("texts") == ("a", "b")
    assert STORED.value("object") == {}


def test_a_missing_member_is_nothing() -> None:
    assert STORED.value("missing") is None
    assert STORED.optional_text("missing") is None
    assert STORED.optional_integer("missing") is None
    assert STORED.flag("missing") is False
    assert STORED.texts("missing") == ()


def test_a_missing_text_that_was_always_written_is_a_fault() -> None:
    with pytest.raises(TypeError, match=r"^missing is missing in a stored document$"):
        STORED.text("missing")


def test_another_type_than_was_written_is_a_fault() -> None:
    with pytest.raises(TypeError, match=r"^number is not a text in a stored document$"):
        STORED.optional_text("number")
    with pytest.raises(TypeError, match=r"^text is not an integer in a stored document$"):
        STORED.optional_integer("text")
    with pytest.raises(TypeError, match=r"^flag is not an integer in a stored document$"):
        STORED.optional_integer("flag")
    with pytest.raises(TypeError, match=r"^number is not a boolean in a stored document$"):
        STORED.flag("number")
    with pytest.raises(TypeError, match=r"^text is not an array in a stored document$"):
        STORED.texts("text")
    with pytest.raises(TypeError, match=r"^mixed has something other than texts in a stored document$"):
        STORED.texts("mixed")


def test_a_document_is_an_object() -> None:
    with pytest.raises(TypeError, match=r"^the stored document is not an object$"):
        StoredDocument(["a"]).value("a")


def test_contents_stay_out_of_logs() -> None:
    assert repr(STORED) == "StoredDocument()"
