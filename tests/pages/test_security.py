"""Headers and proofs of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from server.interactions import Visit
from server.kernel import encryption
from server.sessions import Browser
from tests.pages.gallery import PICTURES
from web.brand import Brand
from web.localization import languages
from web.rendering import Frame, render
from web.security import csrf_token, is_csrf_token, is_own_request, page_headers

ISSUER = "https://auth.acme.test/t/acme"


def header(name: str, **options: object) -> str:
    headers = page_headers("n0nce", **{"leads_out": False, **options})  # type: ignore[arg-type]  # the test's own words
    return dict(headers).get(name.encode(), b"").decode()


def test_nothing_is_loaded_or_run_that_the_page_did_not_name() -> None:
    policy = header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-n0nce'" in policy
    assert "style-src 'nonce-n0nce'" in policy
    assert "unsafe" not in policy


@pytest.mark.checklist("1f.38")
@pytest.mark.parametrize("leads_out", [False, True])
def test_no_page_can_be_framed(leads_out: bool) -> None:
    assert "frame-ancestors 'none'" in header("content-security-policy", leads_out=leads_out)
    assert header("x-frame-options", leads_out=leads_out) == "DENY"


def test_a_form_whose_post_ends_at_a_client_is_not_held_to_form_action() -> None:
    assert "form-action" not in header("content-security-policy", leads_out=True)
    assert "form-action 'none'" in header("content-security-policy", leads_out=False)


def test_a_window_that_a_client_opened_stays_in_its_hands() -> None:
    assert header("cross-origin-opener-policy", leads_out=True) == ""
    assert header("cross-origin-opener-policy", leads_out=False) == "same-origin"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ],
)
def test_pages_are_not_kept_and_tell_nobody_where_they_were(name: str, value: str) -> None:
    assert header(name) == value


def test_only_the_tenants_own_logo_is_loaded_from_elsewhere() -> None:
    assert "img-src 'self';" in header("content-security-policy")
    policy = header("content-security-policy", image_uri="https://cdn.acme.test/logo.png?x=';")
    assert "img-src 'self' https://cdn.acme.test;" in policy


def test_every_response_has_a_nonce_of_its_own() -> None:
    picture = PICTURES["login"]
    frame = Frame(Brand("Acme", "h"), languages()["en"])
    policies = {dict(render(picture.template, picture.page, frame).headers)[b"content-security-policy"] for _ in "ab"}
    assert len(policies) == 2


class _Tenant:
    id = UUID(int=5)


def visit(**cookies: str) -> Visit:
    return Visit(
        tenant=_Tenant(),  # type: ignore[arg-type]  # only the id counts here
        browser=Browser(**cookies),
        remote_address="192.0.2.1",
        secure=True,
        limited=True,
        now=0,
    )


@pytest.fixture
def master_secret() -> Iterator[None]:
    encryption.open_master_secrets("a master secret that only tests know")
    yield
    encryption.open_master_secrets("a master secret that only tests know")


@pytest.mark.usefixtures("master_secret")
@pytest.mark.checklist("1f.38")
def test_a_token_counts_for_its_browser_session_interaction_and_step_only() -> None:
    token = csrf_token(visit(binding="b", session_token="s"), "handle", "consent")
    assert is_csrf_token(token, visit(binding="b", session_token="s"), "handle", "consent")
    assert not is_csrf_token(token, visit(binding="other", session_token="s"), "handle", "consent")
    assert not is_csrf_token(token, visit(binding="b", session_token="other"), "handle", "consent")
    assert not is_csrf_token(token, visit(binding="b"), "handle", "consent")
    assert not is_csrf_token(token, visit(binding="b", session_token="s"), "other", "consent")
    assert not is_csrf_token(token, visit(binding="b", session_token="s"), "handle", "login")
    assert not is_csrf_token("", visit(binding="b", session_token="s"), "handle", "consent")


@pytest.mark.usefixtures("master_secret")
def test_a_token_of_the_former_master_secret_still_counts() -> None:
    token = csrf_token(visit(binding="b"), "handle", "login")
    encryption.open_master_secrets("another master secret that only tests know", "a master secret that only tests know")
    assert is_csrf_token(token, visit(binding="b"), "handle", "login")


@pytest.mark.parametrize(
    ("site", "origin", "own"),
    [
        ("same-origin", "null", True),
        ("none", None, True),
        ("cross-site", "null", False),
        ("same-site", None, False),
        ("cross-site", "https://auth.acme.test", False),
        (None, None, True),
        (None, "null", True),
        (None, "https://auth.acme.test", True),
        (None, "https://evil.test", False),
        (None, "http://auth.acme.test", False),
    ],
)
def test_a_form_of_another_site_is_known_by_what_the_browser_says(
    site: str | None, origin: str | None, own: bool
) -> None:
    assert is_own_request(site, origin, ISSUER) is own
