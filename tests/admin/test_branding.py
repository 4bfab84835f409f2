"""How people sign in and what the pages look like, changed in the console."""

from __future__ import annotations

import base64
import re
from html import unescape
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from server import tenants
from server.kernel import images
from server.tenants import KeepSignedIn, RememberConsent, Tenant
from tests.admin.conftest import SAME_ORIGIN, Administrator, Platform
from tests.conftest import PUBLIC_URL
from web.brand import own_logo_name

SIGN_IN, BRANDING = "/admin/t/acme/sign-in", "/admin/t/acme/branding"
LOOK = {
    "display_name": "Acme & Sons",
    "primary_color": "#0A5C43",
    "dark_color": "7fd8b6",
    "login_text_en": "Ask the help desk",
    "login_text_de": "Fragen Sie uns",
    "support_contact": "help@acme.test",
    "terms_uri": "https://acme.test/terms",
    "remember_consent": "never",
}


def picture(kind: str = "JPEG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (300, 150), "red").save(written, kind)
    return written.getvalue()


async def acme() -> Tenant:
    found = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert found is not None
    return found


async def version(administrator: Administrator, path: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', (await administrator.get(path)).text)
    assert found is not None
    return found[1]


async def upload(administrator: Administrator, path: str, fields: dict[str, str], content: bytes) -> httpx2.Response:
    return await administrator.http.post(
        path,
        data={"csrf": administrator.csrf, **fields},
        files={"logo_file": ("logo.svg", content, "image/svg+xml")},
        headers=SAME_ORIGIN,
    )


async def test_rules_of_sign_in_are_changed_and_kept_from_contradicting_themselves(platform: Platform) -> None:
    admin = await platform.signed_in("tenant-admin")
    rules = {
        "shortest_password": "12",
        "login_tries": "5",
        "login_tries_window": "20m",
        "login_tries_per_day": "40",
        "keep_signed_in": "offered",
        "session_lifetime": "2h",
        "session_max_lifetime": "7d",
    }
    before = await version(admin, SIGN_IN)
    wrong = {
        "shortest_password": "7",
        "login_tries_window": "soon",
        "login_tries_per_day": "4",
        "session_max_lifetime": "1h",
    }
    refused = await admin.post(SIGN_IN, rules | wrong | {"version": before})
    assert refused.status_code == 422
    for name, value in wrong.items():
        assert f'id="{name}-error"' in refused.text
        assert f'value="{value}"' in refused.text
    refused = await admin.post(SIGN_IN, rules | {"version": before, "session_max_lifetime": "long"})
    assert ("Enter a duration such as" in refused.text, "a duration is a" in refused.text) == (True, False)
    assert (await admin.post(SIGN_IN, rules | {"version": before})).status_code == 303
    settings = (await acme()).settings
    assert (settings.shortest_password, settings.login_tries, settings.keep_signed_in) == (12, 5, KeepSignedIn.OFFERED)
    conflict = await admin.post(SIGN_IN, rules | {"version": before, "login_tries": "6"})
    assert (conflict.status_code, "Tries before there is a wait" in conflict.text) == (409, True)
    page = await admin.get(SIGN_IN)
    assert "shortest_password" in page.text  # among the last changes
    assert (
        "Use at least 12 characters."
        in (
            await admin.post("/admin/t/acme/users/new", {"username": "new", "how": "typed", "password": "elevenchars"})
        ).text
    )


async def test_look_is_changed_and_drawn_on_the_login_page(platform: Platform) -> None:
    admin = await platform.signed_in("tenant-admin")
    fields = LOOK | {"version": await version(admin, BRANDING)}
    assert (await upload(admin, BRANDING, fields, picture())).status_code == 303
    changed = await acme()
    assert (changed.display_name, changed.settings.remember_consent) == ("Acme & Sons", RememberConsent.NEVER)
    look = changed.branding
    assert (look.primary_color, look.dark_color) == ("#0a5c43", "#7fd8b6")
    assert look.logo == images.data_uri(await images.as_small_png(picture()))
    assert look.login_text == {"en": "Ask the help desk", "de": "Fragen Sie uns"}
    asked = "/t/acme/authorize?client_id=webapp&response_type=code&redirect_uri=https://app.acme.test/callback"
    pkce = "&ui_locales=de&scope=openid&code_challenge=" + "a" * 43 + "&code_challenge_method=S256"
    page = await admin.follow(await admin.http.get(asked + pkce))
    for shown in (
        f"/logos/{own_logo_name(look)}",
        "brand/0a5c43-7fd8b6.css",
        "Fragen Sie uns",
        "mailto:help@acme.test",
    ):
        assert shown in page.text
    again = LOOK | {"version": await version(admin, BRANDING), "logo": look.logo or "", "remove_logo": "y"}
    assert (await admin.post(BRANDING, again)).status_code == 303
    assert (await acme()).branding.logo is None


async def test_refused_look_says_what_is_wrong_and_keeps_the_picture(platform: Platform) -> None:
    admin = await platform.signed_in("tenant-admin")
    wrong = {
        "display_name": "",
        "primary_color": "#ffd400",
        "dark_color": "#1f1f1f",
        "logo_uri": "http://acme.test/logo.png",
        "support_contact": "nobody",
        "terms_uri": "javascript:alert(1)",
        "login_text_en": "x" * 301,
    }
    refused = await upload(admin, BRANDING, wrong, picture("PNG"))
    assert refused.status_code == 422
    text = unescape(refused.text)
    for name in wrong:
        assert f'id="{name}-error"' in text
    assert "Its contrast on light pages is 1.4 to 1" in text
    assert images.data_uri(await images.as_small_png(picture("PNG"))) in text
    for content in (b"<svg onload=alert(1)>", b"x" * 900_000):
        refused = await upload(admin, BRANDING, LOOK, content)
        assert "This is no picture that can be used" in refused.text
    forged = base64.b64encode(b"<script>alert(1)</script>").decode()
    assert (await admin.post(BRANDING, LOOK | {"logo": f"data:image/png;base64,{forged}"})).status_code == 422
    assert (await upload(admin, BRANDING, LOOK, b"x" * 1_100_000)).status_code == 413
    assert (await acme()).branding == tenants.Branding()


@pytest.mark.parametrize("sample", ["login", "consent", "redirect", "held"])
async def test_preview_draws_what_was_typed_and_can_do_nothing(platform: Platform, sample: str) -> None:
    auditor = await platform.signed_in("auditor")
    stored = await auditor.get(f"{BRANDING}/preview", sample=sample, sample_language="de")
    assert (stored.status_code, 'lang="de"' in stored.text) == (200, True)
    fields = LOOK | {"sample": sample, "sample_language": "en", "primary_color": "#00f"}
    tried = await upload(auditor, f"{BRANDING}/preview", fields, picture())
    for shown in (
        "Acme &amp; Sons",
        "brand/0000ff-7fd8b6.css",
        'src="data:image/png;base64,',
        "https://acme.test/terms",
    ):
        assert shown in tried.text
    headers = stored.headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    for directive in (
        "frame-ancestors 'self'",
        "sandbox allow-same-origin",
        "form-action 'none'",
        "default-src 'none'",
    ):
        assert directive in headers["content-security-policy"]
    assert "<script" not in stored.text
    assert "autofocus" not in stored.text
    assert "frame-ancestors 'none'" in (await auditor.get(BRANDING)).headers["content-security-policy"]
    assert (await acme()).branding == tenants.Branding()


async def test_system_tenant_is_only_looked_at(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    for page in ("sign-in", "branding"):
        shown = await owner.get(f"/admin/t/system/{page}")
        assert '<fieldset class="sheet__fields" disabled' in shown.text
        assert (await owner.post(f"/admin/t/system/{page}", LOOK)).status_code in {409, 422}
