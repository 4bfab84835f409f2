"""No redirect leaves without the trust policy: by types (`SendTo`), and by these rules where types cannot tell.

docs/adr/0034-leaving-takes-a-decision.md.
"""

from __future__ import annotations

import ast

from tests.house.sources import modules

# Who may do what; everything else goes through them.
DECIDES = {"server.trust.policy"}
LEAVES = {"server.interactions.completion", "server.interactions.leaving", "server.interactions.logout"}
BUILDS_ADDRESSES = {"server.interactions.records", "server.interactions.leaving"}
SENDS = {"server.endpoints.wire"}
NAMES_WHAT_IT_MADE = {"server.api.service"}  # a path below /api/v1, beside a 201


def callers_of(name: str) -> set[str]:
    """The modules that call something by this name."""
    return {module.name for module in modules() for node in module.nodes if _calls(node, name)}


def _calls(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return name == (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None))


def test_only_the_policy_makes_decisions() -> None:
    assert callers_of("Decision") - DECIDES == set()


def test_only_a_decision_lets_people_leave() -> None:
    assert callers_of("SendTo") == LEAVES


def test_addresses_with_an_answer_are_built_in_one_place() -> None:
    assert callers_of("authorization_response_url") == BUILDS_ADDRESSES


def test_where_to_go_is_read_where_people_are_sent() -> None:
    readers = {
        module.name
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr == "destination_uri"
    }
    assert readers == SENDS


def test_a_location_field_is_written_in_one_place() -> None:
    writers = {
        module.name
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Constant) and node.value in {b"location", b"Location", "Location"}
    }
    assert writers == SENDS | NAMES_WHAT_IT_MADE
