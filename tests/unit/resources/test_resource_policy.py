"""Identifiers of resources, and finding the ones that a request names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.kernel import ids
from server.protocol.errors import InvalidTarget
from server.resources import InvalidResource, Resource, check_definition, choose

ISSUER = "https://id.example/t/acme"
NOTES = Resource(ids.uuid7(), "https://notes.test/mcp", "Notes")
ROOT = Resource(ids.uuid7(), "https://files.test", "Files")


def test_good_resource_passes() -> None:
    check_definition(NOTES, (ROOT,), ISSUER)
    check_definition(NOTES, (NOTES, ROOT), ISSUER)


@pytest.mark.rfc("8707", "2")
@pytest.mark.parametrize(
    "identifier",
    ["notes", "/mcp", "https://notes.test/#x", "https://user@notes.test/", ISSUER, "https://x.test/" + "a" * 500],
)
def test_identifier_is_an_absolute_uri_that_means_nothing_else(identifier: str) -> None:
    with pytest.raises(InvalidResource):
        check_definition(replace(NOTES, identifier=identifier), (), ISSUER)


def test_one_resource_has_one_spelling() -> None:
    with pytest.raises(InvalidResource):
        check_definition(replace(ROOT, id=ids.uuid7(), identifier="https://FILES.test/"), (ROOT,), ISSUER)


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\tb"])
def test_display_name_must_be_readable(name: str) -> None:
    with pytest.raises(InvalidResource):
        check_definition(replace(NOTES, display_name=name), (), ISSUER)


@pytest.mark.rfc("8707", "2")
@pytest.mark.checklist("1a.9")
def test_resources_are_found_by_equivalent_spellings_and_each_once() -> None:
    chosen = choose((NOTES, ROOT), ("https://FILES.test/", "https://notes.test/mcp", "https://files.test"))
    assert chosen == (ROOT, NOTES)
    assert choose((NOTES,), ()) == ()


@pytest.mark.rfc("8707", "2")
@pytest.mark.parametrize(
    "presented", ["https://notes.test/other", "https://notes.test/mcp/", "notes", "https://notes.test/mcp#x"]
)
def test_unknown_resource_is_an_invalid_target(presented: str) -> None:
    with pytest.raises(InvalidTarget):
        choose((NOTES, ROOT), (presented,))
