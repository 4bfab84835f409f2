"""The token endpoint's answer."""

from __future__ import annotations

import pytest

from server.protocol.token_response import TokenResponse


@pytest.mark.rfc("6749", "5.1")
def test_everything_there_is_is_written() -> None:
    response = TokenResponse("at", 600, ("openid", "notes:read"), refresh_token="rt", id_token="it")
    assert response.to_json() == {
        "access_token": "at",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "openid notes:read",
        "refresh_token": "rt",
        "id_token": "it",
    }


@pytest.mark.rfc("6749", "5.1")
def test_what_there_is_none_of_is_left_out() -> None:
    assert TokenResponse("at", 600, ()).to_json() == {"access_token": "at", "token_type": "Bearer", "expires_in": 600}


def test_tokens_stay_out_of_logs() -> None:
    response = TokenResponse("at-1", 600, ("openid",), refresh_token="rt-1", id_token="it-1")
    assert repr(response) == "TokenResponse(expires_in=600, scope=('openid',))"
