"""The claims parameter."""

from __future__ import annotations

import json

import pytest

from server.protocol.claims import CLAIMS_BY_SCOPE, ClaimRequest, ClaimsRequest, claims_for
from server.protocol.errors import InvalidRequest
from tests.unit.protocol.refusals import refused

OBJECT = "claims: an object is missing where one has to be"
MEMBERS = "claims: essential is no boolean, or values is no array"


def claims(**members: object) -> str:
    return json.dumps(members)


@pytest.mark.rfc("OIDC Core", "5.5")
def test_claims_are_asked_for_in_two_places() -> None:
    request = ClaimsRequest.parse(
        claims(
            userinfo={"given_name": {"essential": True}, "nickname": None, "http://a.test/is_cool": {}},
            id_token={"auth_time": {"essential": True}, "acr": {"values": ["urn:silver", "urn:gold"]}},
        )
    )
    assert request.userinfo == {
        "given_name": ClaimRequest(essential=True),
        "nickname": ClaimRequest(),
        "http://a.test/is_cool": ClaimRequest(),
    }
    assert request.id_token == {
        "auth_time": ClaimRequest(essential=True),
        "acr": ClaimRequest(values=("urn:silver", "urn:gold")),
    }


@pytest.mark.rfc("OIDC Core", "5.5")
@pytest.mark.parametrize("text", [None, "", "{}", '{"userinfo": null, "id_token": {}}', '{"unknown": 1}'])
def test_nothing_asked_is_an_empty_request(text: str | None) -> None:
    assert ClaimsRequest.parse(text) == ClaimsRequest({}, {})


@pytest.mark.rfc("OIDC Core", "5.5.1")
def test_one_value_is_the_only_of_its_values() -> None:
    asked = {"sub": {"value": "ada", "values": ["eve"], "unknown": 1}, "age": {"value": None}}
    request = ClaimsRequest.parse(claims(id_token=asked))
    assert request.id_token == {"sub": ClaimRequest(values=("ada",)), "age": ClaimRequest(values=(None,))}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "the JSON document is not an object"),
        ("{", "not a JSON text in UTF-8"),
        ('{"userinfo": []}', OBJECT),
        ('{"id_token": "sub"}', OBJECT),
        ('{"id_token": {"sub": "ada"}}', OBJECT),
        ('{"id_token": {"sub": false}}', OBJECT),
        ('{"id_token": {"acr": {"essential": "yes"}}}', MEMBERS),
        ('{"id_token": {"acr": {"essential": 1}}}', MEMBERS),
        ('{"id_token": {"acr": {"essential": null}}}', MEMBERS),
        ('{"id_token": {"acr": {"values": "gold"}}}', MEMBERS),
        ('{"id_token": {"acr": {"values": {}}}}', MEMBERS),
    ],
)
def test_a_malformed_request_is_refused(text: str, why: str) -> None:
    with refused(InvalidRequest, why):
        ClaimsRequest.parse(text)


def test_a_request_survives_storage() -> None:
    request = ClaimsRequest.parse(
        claims(userinfo={"name": None, "Größe": {"value": 1.5}}, id_token={"acr": {"essential": True, "values": ["1"]}})
    )
    document = json.loads(json.dumps(request.to_json()))
    assert document == {
        "userinfo": {"name": {"essential": False, "values": []}, "Größe": {"essential": False, "values": [1.5]}},
        "id_token": {"acr": {"essential": True, "values": ["1"]}},
    }
    assert ClaimsRequest.from_json(document) == request


def test_a_stored_document_that_is_no_object_is_a_fault() -> None:
    with refused(InvalidRequest, OBJECT):
        ClaimsRequest.from_json(None)


@pytest.mark.rfc("OIDC Core", "3.1.2.2")
@pytest.mark.parametrize(
    ("asked", "subject"),
    [
        ({"id_token": {"sub": {"value": "ada"}}}, "ada"),
        ({"id_token": {"sub": {"values": [1, "ada", "eve"]}}}, "ada"),
        ({"id_token": {"sub": {"value": 1}}}, None),
        ({"id_token": {"sub": None}}, None),
        ({"userinfo": {"sub": {"value": "ada"}}}, None),
        ({}, None),
    ],
)
def test_an_id_token_may_be_asked_for_one_person(asked: dict[str, object], subject: str | None) -> None:
    assert ClaimsRequest.parse(json.dumps(asked)).wanted_subject() == subject


@pytest.mark.rfc("OIDC Core", "5.5.1.1")
@pytest.mark.parametrize(
    ("asked", "acr"),
    [
        ({"id_token": {"acr": {"essential": True, "values": ["gold", 1, "silver"]}}}, ("gold", "silver")),
        ({"id_token": {"acr": {"essential": True, "value": "gold"}}}, ("gold",)),
        ({"id_token": {"acr": {"essential": True}}}, ()),
        ({"id_token": {"acr": {"values": ["gold"]}}}, ()),
        ({"userinfo": {"acr": {"essential": True, "values": ["gold"]}}}, ()),
        ({}, ()),
    ],
)
def test_only_an_essential_authentication_context_is_demanded(asked: dict[str, object], acr: tuple[str, ...]) -> None:
    assert ClaimsRequest.parse(json.dumps(asked)).wanted_acr() == acr


@pytest.mark.rfc("OIDC Core", "5.4")
def test_scopes_stand_for_claims() -> None:
    assert claims_for((), {}) == frozenset()
    assert claims_for(("openid", "notes:read"), {}) == frozenset()
    assert claims_for(("openid", "email", "phone"), {}) == {
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
    }
    assert claims_for(("address",), {}) == {"address"}
    assert claims_for(("profile",), {}) == {
        *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
        *("website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
    }
    assert set(CLAIMS_BY_SCOPE) == {"profile", "email", "address", "phone", "roles", "groups"}


def test_asking_for_a_claim_does_not_reach_beyond_the_granted_scope() -> None:
    asked = {name: ClaimRequest(essential=True) for name in ("email", "name", "sub", "employee_id")}
    assert claims_for(("openid", "email"), asked) == {"email", "email_verified"}


@pytest.mark.rfc("OIDC Core", "5.5.1")
def test_how_a_person_signed_in_may_be_asked_for_by_any_client() -> None:
    asked = {name: ClaimRequest() for name in ("acr", "amr", "auth_time")}
    assert claims_for(("openid",), asked) == {"acr", "amr", "auth_time"}
