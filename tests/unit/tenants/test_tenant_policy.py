"""Names, domains, issuers, and settings that fit together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from joserfc.jwk import ECKey

from server import tenants
from server.hosting import ENDPOINTS
from server.kernel.clock import DAY, HOUR, MINUTE
from server.tenants import RATE_LIMITS, Branding, InvalidTenant, TenantSettings, UnreadableColor

PUBLIC_URL = "https://id.example"

PRIVATE_KEY = ECKey.generate_key("P-256", {"kid": "vendor", "use": "sig"}).as_dict(private=True)


@pytest.mark.rfc("8414", "2")
def test_issuer_has_no_trailing_slash() -> None:
    assert tenants.issuer_of("acme", None, PUBLIC_URL) == "https://id.example/t/acme"
    assert tenants.issuer_of("acme", "auth.acme.test", PUBLIC_URL) == "https://auth.acme.test"


@pytest.mark.parametrize("slug", ["a", "acme", "acme-2", "a" * 63])
def test_slug_fits_a_path_and_a_host(slug: str) -> None:
    tenants.check_slug(slug)


@pytest.mark.parametrize("slug", ["", "Acme", "-acme", "acme-", "ac me", "acme/x", "ac.me", "äcme", "a" * 64, "a\n"])
def test_other_slugs_are_refused(slug: str) -> None:
    with pytest.raises(InvalidTenant):
        tenants.check_slug(slug)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_display_name_must_be_readable(name: str) -> None:
    with pytest.raises(InvalidTenant):
        tenants.check_display_name(name)
    tenants.check_display_name("Acme & Söhne")


@pytest.mark.parametrize(
    "domain", ["id.example", "localhost", "127.0.0.1", "acme", "Auth.acme.test", "a..test", "acme.test/x", "a.1"]
)
def test_domain_must_be_a_host_name_that_the_platform_does_not_use(domain: str) -> None:
    with pytest.raises(InvalidTenant):
        tenants.check_domain(domain, PUBLIC_URL)


def test_domain_below_localhost_is_this_machine() -> None:
    with pytest.raises(InvalidTenant):
        tenants.check_domain("acme.localhost", PUBLIC_URL)
    tenants.check_domain("auth.acme.test", PUBLIC_URL)


@pytest.mark.parametrize(
    "settings",
    [
        TenantSettings(access_token_lifetime=0),
        TenantSettings(access_token_lifetime=2 * DAY),
        TenantSettings(refresh_grace=HOUR),
        TenantSettings(refresh_token_lifetime=181 * DAY),
        TenantSettings(session_lifetime=31 * DAY),
        TenantSettings(max_dynamic_clients=-1),
        TenantSettings(shortest_password=7),
        TenantSettings(login_tries=61),
        TenantSettings(login_tries=2),
        TenantSettings(login_tries_window=0),
        TenantSettings(rate_limits={"token": 0}),
        TenantSettings(unused_client_lifetime=6 * DAY),
        TenantSettings(software_statement_issuers={"https://vendor.test": {}}),
        TenantSettings(software_statement_issuers={"https://vendor.test": {"keys": []}}),
        TenantSettings(software_statement_issuers={"https://vendor.test": {"keys": [{"kty": "oct", "k": "AA"}]}}),
        TenantSettings(software_statement_issuers={"https://vendor.test": {"keys": [PRIVATE_KEY]}}),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings: TenantSettings) -> None:
    with pytest.raises(InvalidTenant):
        tenants.check_settings(settings)


def test_default_settings_are_good() -> None:
    tenants.check_settings(TenantSettings())
    tenants.check_settings(replace(TenantSettings(), refresh_grace=0, rate_limits={"token": 1, "register": None}))
    tenants.check_settings(TenantSettings(access_token_lifetime=MINUTE))
    public = {name: value for name, value in PRIVATE_KEY.items() if name != "d"}
    tenants.check_settings(TenantSettings(software_statement_issuers={"https://vendor.test": {"keys": [public]}}))


@pytest.mark.parametrize(
    "branding",
    [
        Branding(primary_color="red"),
        Branding(primary_color="#ABCDEF"),
        Branding(primary_color="#fff;x:y"),
        Branding(logo_uri="http://acme.test/logo.svg"),
        Branding(logo_uri="https://acme.test/lögo.svg"),
        Branding(logo_uri="https://acme.test/a\nb"),
        Branding(dark_color="#9db4ff"),
        Branding(primary_color="#1f6feb", dark_color="#1f1f1f"),
        Branding(logo="https://acme.test/logo.png"),
        Branding(logo="data:image/svg+xml;base64,AAAA"),
        Branding(logo="data:image/png;base64," + "A" * 100_000),
        Branding(login_text={"english": "Welcome"}),
        Branding(login_text={"en": " "}),
        Branding(login_text={"en": "x" * 301}),
        Branding(support_contact="nobody"),
        Branding(support_contact="javascript:alert(1)"),
        Branding(terms_uri="http://acme.test/terms"),
        Branding(privacy_uri="https://"),
    ],
)
def test_branding_that_a_page_cannot_show_as_it_is_is_refused(branding: Branding) -> None:
    with pytest.raises(InvalidTenant):
        tenants.check_branding(branding)
    tenants.check_branding(Branding())
    tenants.check_branding(Branding("#1f6feb", "https://acme.test/logo.svg"))
    tenants.check_branding(
        Branding(
            "#0a5c43",
            dark_color="#7fd8b6",
            logo="data:image/png;base64,AAAA",
            login_text={"en": "Welcome", "de": "Willkommen"},
            support_contact="help@acme.test",
            terms_uri="https://acme.test/terms",
        )
    )


def test_colour_that_cannot_be_read_names_one_that_can() -> None:
    with pytest.raises(UnreadableColor, match=r"1\.4 to 1 on light pages, and 4\.5 is the least") as caught:
        tenants.check_branding(Branding("#ffd400"))
    assert caught.value.name == "primary_color"
    tenants.check_branding(Branding(caught.value.nearest))


def test_rate_limits_can_be_set_for_every_endpoint() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS} == set(RATE_LIMITS)
