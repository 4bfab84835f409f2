"""Who may redeem and refresh what, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.clients import Client, ClientSource, new_client
from server.grant_types import policy
from server.grant_types.policy import LostRefresh
from server.grants import Grant
from server.kernel import ids
from server.kernel.clock import DAY, SECOND
from server.protocol.claims import ClaimsRequest
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.errors import InvalidGrant, InvalidRequest, InvalidScope
from server.protocol.parameters import Parameters
from server.tenants import Origin
from tests.issuing import CALLBACK, CHALLENGE, NOW, VERIFIER


def make_client(grant_types: tuple[str, ...] = ("authorization_code",)) -> Client:
    metadata = parse_client_metadata(
        {"redirect_uris": [CALLBACK], "grant_types": list(grant_types)}, drop_private_use=True
    )
    return new_client(ids.uuid7(), "app", metadata, source=ClientSource.ADMIN, origin=Origin.CLI, scope=(), now=NOW)


CLIENT = make_client()
GRANT = Grant(
    id=ids.uuid7(),
    client_pk=CLIENT.id,
    user_id=ids.uuid7(),
    session_id=None,
    scope=("openid", "notes:read"),
    resources=(),
    redirect_uri=CALLBACK,
    code_challenge=CHALLENGE,
    nonce=None,
    claims_request=ClaimsRequest(),
    auth_time=NOW,
    acr="acr",
    amr=("pwd",),
    created_at=NOW,
    expires_at=NOW + 30 * DAY,
    max_expires_at=NOW + 180 * DAY,
    redeemed_at=NOW,
    generation=5,
    rotated_at=NOW,
)


def sent(**parameters: str) -> Parameters:
    return Parameters({name: (value,) for name, value in parameters.items()})


@pytest.mark.rfc("7636", "4.6")
def test_right_client_redirect_uri_and_verifier_redeem() -> None:
    policy.check_redeemable(GRANT, CLIENT, sent(redirect_uri=CALLBACK, code_verifier=VERIFIER))


@pytest.mark.rfc("6749", "4.1.3")
def test_code_of_another_client_is_refused() -> None:
    with pytest.raises(InvalidGrant, match="another client"):
        policy.check_redeemable(GRANT, make_client(), sent(redirect_uri=CALLBACK, code_verifier=VERIFIER))


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize("uri", [CALLBACK + "/", CALLBACK.upper(), "https://evil.test/callback"])
def test_redirect_uri_has_to_be_the_same_text(uri: str) -> None:
    with pytest.raises(InvalidGrant, match="redirect_uri"):
        policy.check_redeemable(GRANT, CLIENT, sent(redirect_uri=uri, code_verifier=VERIFIER))


def test_redirect_uri_may_be_left_out_where_pkce_binds_the_code() -> None:
    policy.check_redeemable(GRANT, CLIENT, sent(code_verifier=VERIFIER))
    with pytest.raises(InvalidGrant, match="binds"):
        policy.check_redeemable(replace(GRANT, code_challenge=None), CLIENT, sent())


@pytest.mark.rfc("7636", "4.6")
@pytest.mark.checklist("1a.5")
def test_wrong_or_missing_verifier_is_refused() -> None:
    for parameters in (sent(), sent(code_verifier=VERIFIER[::-1])):
        with pytest.raises(InvalidGrant, match="code_verifier"):
            policy.check_redeemable(GRANT, CLIENT, parameters)
    with pytest.raises(InvalidRequest):
        policy.check_redeemable(GRANT, CLIENT, sent(code_verifier="short"))


@pytest.mark.rfc("9700", "4.8.2")
def test_verifier_for_a_code_without_challenge_shows_a_downgrade() -> None:
    plain = replace(GRANT, code_challenge=None)
    policy.check_redeemable(plain, CLIENT, sent(redirect_uri=CALLBACK))
    with pytest.raises(InvalidGrant, match="without a challenge"):
        policy.check_redeemable(plain, CLIENT, sent(redirect_uri=CALLBACK, code_verifier=VERIFIER))


@pytest.mark.rfc("6749", "6")
def test_scope_narrows_and_never_widens() -> None:
    granted = ("openid", "notes:read")
    assert policy.narrowed_scope(granted, None) == granted
    assert policy.narrowed_scope(granted, "notes:read") == ("notes:read",)
    with pytest.raises(InvalidScope):
        policy.narrowed_scope(granted, "notes:read notes:write")


def test_refresh_token_comes_to_clients_that_may_refresh() -> None:
    assert policy.first_generation(CLIENT) == 0
    assert policy.first_generation(make_client(("authorization_code", "refresh_token"))) == 1


def test_refresh_token_ends_with_its_grant_at_the_latest() -> None:
    assert policy.refresh_expiry(GRANT, DAY, NOW) == NOW + DAY
    assert policy.refresh_expiry(GRANT, 365 * DAY, NOW) == GRANT.max_expires_at


@pytest.mark.rfc("9700", "4.14.2")
@pytest.mark.parametrize(
    ("generation", "grant", "expected"),
    [
        (4, GRANT, LostRefresh.GRACE_USED_UP),
        (4, replace(GRANT, rotated_at=NOW - 31 * SECOND), LostRefresh.REPLAYED),
        (4, replace(GRANT, rotated_at=NOW + 30 * SECOND), LostRefresh.GRACE_USED_UP),  # another node's clock
        (4, replace(GRANT, rotated_at=NOW + 31 * SECOND), LostRefresh.REPLAYED),  # set back: no longer grace
        (4, replace(GRANT, rotated_at=None), LostRefresh.REPLAYED),
        (3, GRANT, LostRefresh.REPLAYED),
        (5, GRANT, LostRefresh.ENDED),
        (3, replace(GRANT, revoked_at=NOW), LostRefresh.ENDED),
        (3, replace(GRANT, expires_at=NOW), LostRefresh.ENDED),
    ],
)
def test_lost_refresh_is_a_replay_only_where_nothing_excuses_it(
    generation: int, grant: Grant, expected: LostRefresh
) -> None:
    assert policy.why_lost(grant, generation, rotated_after=NOW - 30 * SECOND, now=NOW) is expected
