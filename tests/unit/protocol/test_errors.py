"""Errors: what goes on the wire and what stays in the house."""

from __future__ import annotations

import inspect
import re

import pytest

from server.protocol import errors
from server.protocol.errors import (
    ClientBlocked,
    ClientQuarantined,
    InvalidGrant,
    MethodNotAllowed,
    OAuthError,
    RequestTooLarge,
    TooManyRequests,
)

ALL = [
    member
    for _, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, OAuthError) and member is not OAuthError
]

# What people are told apart though programs need not.
SHARING = (ClientBlocked, ClientQuarantined, RequestTooLarge)

STATUSES = {
    "access_denied": 403,
    "consent_required": 400,
    "insufficient_scope": 403,
    "invalid_client": 401,
    "invalid_client_metadata": 400,
    "invalid_grant": 400,
    "invalid_redirect_uri": 400,
    "invalid_request": 400,
    "invalid_scope": 400,
    "invalid_software_statement": 400,
    "invalid_target": 400,
    "invalid_token": 401,
    "login_required": 400,
    "interaction_required": 400,
    "method_not_allowed": 405,
    "not_found": 404,
    "registration_not_supported": 400,
    "request_not_supported": 400,
    "request_uri_not_supported": 400,
    "server_error": 500,
    "temporarily_unavailable": 503,
    "too_many_requests": 429,
    "unapproved_software_statement": 400,
    "unauthorized_client": 400,
    "unsupported_grant_type": 400,
    "unmet_authentication_requirements": 400,
    "unsupported_response_type": 400,
}


@pytest.mark.rfc("6749", "5.2")
def test_every_wire_code_has_its_status() -> None:
    assert {error.code: error.status for error in ALL if error not in SHARING} == STATUSES


def test_few_share_their_code_with_another_class() -> None:
    assert {(error.code, error.status) for error in SHARING} == {("invalid_request", 413), ("unauthorized_client", 403)}
    codes = [error.code for error in ALL if error not in SHARING]
    assert len(set(codes)) == len(codes)


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize("error", ALL)
def test_descriptions_have_only_the_characters_that_the_grammar_allows(error: type[OAuthError]) -> None:
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+\.", error.description)


def test_the_reason_is_for_the_log_and_not_for_the_wire() -> None:
    error = InvalidGrant("code of a grant that is gone")
    assert (error.why, str(error)) == ("code of a grant that is gone", "code of a grant that is gone")
    assert error.description == "The grant is invalid, expired or revoked."


def test_a_rate_limit_says_when_to_come_back() -> None:
    error = TooManyRequests("many", 30)
    assert (error.why, error.retry_after) == ("many", 30)


def test_a_refused_method_comes_with_those_that_are_answered() -> None:
    error = MethodNotAllowed("PUT", "GET, POST")
    assert (error.why, error.allow) == ("PUT", "GET, POST")
