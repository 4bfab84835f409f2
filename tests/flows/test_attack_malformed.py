"""Whatever bytes arrive: a clean refusal, nothing of ours in it, never a fault."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from server.hosting import ENDPOINTS
from tests.actors import EndUser, RelyingParty, basic
from tests.support.raw_asgi import RawRequest, send_raw

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Application = Callable[..., Awaitable[None]]

ROUNDS = 300
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json")

VALUES = (
    b"", b"a", b"%00", b"%ff", b"%", b"%zz", b"\xff\xfe", b"\x00", b"\xc3\xa9", b"%ed%a0%80", b"%F0%9F%98%80", b"\t",
    b"%0d%0aX:1", b"'", b'"', b"<script>", b"&", b"==", b";", b"a" * 5000, b"[]", b"%7B%22a%22:1%7D", b"%E2%80%AE",
    b"-1", b"9" * 30, b"1e999", b"null", b"urn:latchkey:posted:x", b"urn:latchkey:posted:%00", b"http://[", b"//x",
    b"https://a:b@c", b"openid", b"code", b"none", b"none+login", b"S256", b"plain", b"webapp", b"a" * 43,
    b"https://app.acme.test/callback", b"https://api.acme.test/mcp", b"authorization_code", b"refresh_token",
    b"lk_code_a.b.0.c", b"lk_access_x", b"eyJhbGciOiJub25lIn0.e30.", b"consent", b"login", b"logout", b"allow",
)  # fmt: skip
NAMES = (
    "client_id", "client_secret", "redirect_uri", "response_type", "scope", "state", "code_challenge", "nonce",
    "code_challenge_method", "prompt", "max_age", "login_hint", "ui_locales", "claims", "acr_values", "resource",
    "request", "request_uri", "registration", "response_mode", "grant_type", "code", "code_verifier", "refresh_token",
    "token", "access_token", "id_token_hint", "post_logout_redirect_uri", "client_assertion", "step", "csrf",
    "decision", "person", "language", "username", "password",
)  # fmt: skip
HEADER_NAMES = (
    "authorization", "content-type", "cookie", "accept-language", "origin", "sec-fetch-site", "x-forwarded-for",
    "forwarded", "x-forwarded-host", "content-length", "if-none-match", "host", "transfer-encoding", "expect",
)  # fmt: skip
HEADER_VALUES = (
    b"", b"\xff", b"\xe9=\xe9", b"Basic", b"Basic \xff", b"Basic YTr/", b"Basic d2ViYXBwOiV6eiVmZg==", b"Bearer",
    b"Bearer a.b.c", b"Bearer " + b"a" * 9000, b"multipart/form-data", b"de;q=inf,en;q=-1,;q=,x;q=nan", b"9" * 5000,
    b"-1", b"1, 1", b"\xb2", b'for=";host="', b"null", b'W/"x"', b"[", b"a@b", b"lk=; lk-=; =;;; a", b'x="',
)  # fmt: skip
JSON_VALUES: tuple[object, ...] = (
    None, True, 1, -1, 1.5, "", "x", "\x00", "\u202e", "none", [], ["x"], [None], [[]], {}, {"a": {}}, "a" * 300,
    ["http://127.0.0.1/cb"], ["https://a.test/cb"], ["javascript:alert(1)"], ["https://a.test:99999/"], ["https://[::1"],
    ["authorization_code"], ["client_credentials"], "RS256", "pairwise", 10**18, 10**19,
)  # fmt: skip
JSON_NAMES = (
    "redirect_uris", "client_name", "client_uri", "logo_uri", "contacts", "scope", "software_id", "grant_types",
    "post_logout_redirect_uris", "id_token_signed_response_alg", "subject_type", "require_auth_time", "default_max_age",
    "default_acr_values", "response_types", "application_type", "token_endpoint_auth_method", "jwks",
)  # fmt: skip
JSON_BODIES = (
    b"[" * 16_000,
    b'{"a":' * 3000,
    b'{"a":"\\ud800"}',
    b'{"a":1e999,"b":NaN}',
    b"\xff\xfe{}",
    b"",
    b"1",
    b"{}{}",
)
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "FOO", "")
PAGES = ("/logout", "/interaction/x", "/interaction/\udcff", "/interaction/\x00", "/interaction/", "/static/x", "/", "")
ELSEWHERE = ("//x", "/", "*", "", "/t/", "/t/\udcff/token", "/\x00", "/readyz", "http://evil.test/", "/t/acme/\ud800")


@dataclass(frozen=True)
class Fuzzer:
    """Requests that are nearly right, by chance."""

    chance: random.Random
    step: str  # the path of an open interaction
    cookies: bytes

    def request(self) -> RawRequest:
        path = self._path()
        is_json = path.endswith("/register")
        headers = [JSON if is_json else FORM] if self.chance.random() < 0.7 else []
        if path == self.step or self.chance.random() < 0.3:
            headers.append((b"cookie", self.cookies))
        while self.chance.random() < 0.4:
            headers.append((self.chance.choice(HEADER_NAMES).encode(), self.chance.choice(HEADER_VALUES)))
        return RawRequest(
            path,
            self.chance.choice(METHODS) if self.chance.random() < 0.2 else self.chance.choice(("GET", "POST")),
            self._form() if self.chance.random() < 0.7 else b"",
            headers,
            self._json() if is_json else self._form(),
            complete=self.chance.random() < 0.95,
        )

    def _path(self) -> str:
        if self.chance.random() < 0.05:
            return self.chance.choice(ELSEWHERE)
        if self.chance.random() < 0.3:
            return self.step
        below = self.chance.choice([*PAGES, *(endpoint.path for endpoint in ENDPOINTS)])
        return f"/t/acme{below}"

    def _form(self) -> bytes:
        fields = {
            b"client_id": b"webapp",
            b"redirect_uri": b"https://app.acme.test/callback",
            b"response_type": b"code",
            b"code_challenge": b"a" * 43,
            b"code_challenge_method": b"S256",
        }
        chosen = dict(fields) if self.chance.random() < 0.6 else {}
        for _ in range(self.chance.randint(0, 4)):
            name = self.chance.choice(NAMES).encode() if self.chance.random() < 0.95 else self.chance.choice(VALUES)
            chosen[name] = self.chance.choice(VALUES)
        return b"&".join(name + b"=" + value for name, value in chosen.items())

    def _json(self) -> bytes:
        if self.chance.random() < 0.2:
            return self.chance.choice(JSON_BODIES)
        document: dict[str, object] = {"redirect_uris": ["https://a.test/cb"]}
        for _ in range(self.chance.randint(0, 5)):
            document[self.chance.choice(JSON_NAMES)] = self.chance.choice(JSON_VALUES)
        return json.dumps(document).encode()


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("seed", range(5))
async def test_no_bytes_make_a_fault(ada: EndUser, app: Application, dynamic: RelyingParty, seed: int) -> None:
    page = await ada.visit(dynamic.begin().url)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in ada.http.cookies.jar)
    fuzzer = Fuzzer(random.Random(seed), page.url.removeprefix("http://127.0.0.1:9000"), cookies.encode())  # noqa: S311 - chance, no secret
    for _ in range(ROUNDS):
        request = fuzzer.request()
        response = await send_raw(app, request)
        assert (response.status or 400) < 500, request
        assert not [value for _, value in response.headers if b"\r" in value or b"\n" in value], request


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"9" * 5000)],
        [(b"content-length", b"\xb2")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"4"), (b"content-length", b"5")],
    ],
)
async def test_a_length_that_is_no_length_is_refused(
    issuer: str, app: Application, headers: Sequence[tuple[bytes, bytes]]
) -> None:
    assert (await send_raw(app, RawRequest("/t/acme/token", "POST", headers=headers, body=b"a=b"))).status == 413


@pytest.mark.parametrize("path", ["/token", "/register", "/authorize", "/logout", "/interaction/x"])
async def test_a_body_that_never_ends_is_not_waited_for(
    issuer: str, app: Application, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for module in ("server.hosting.arrival", "web.requests"):
        monkeypatch.setattr(f"{module}.READ_TIMEOUT_SECONDS", 0.05)
    request = RawRequest(f"/t/acme{path}", "POST", headers=[FORM], body=b"a=", stalls=True)
    assert (await asyncio.wait_for(send_raw(app, request), 60)).status == 400


@pytest.mark.parametrize("path", ["/logout", "/interaction/x"])
async def test_a_huge_form_is_refused_by_a_page_like_any_other(issuer: str, app: Application, path: str) -> None:
    headers = [FORM, (b"content-length", b"20000000")]
    response = await send_raw(app, RawRequest(f"/t/acme{path}", "POST", headers=headers, body=b"a=b"))
    assert (response.status, response.header("cache-control")) == (413, "no-store")
    assert "frame-ancestors 'none'" in str(response.header("content-security-policy"))


async def test_a_cookie_that_is_not_ours_does_not_come_back(app: Application, dynamic: RelyingParty) -> None:
    query = dynamic.begin().url.partition("?")[2].encode()
    name = (await send_raw(app, RawRequest("/t/acme/authorize", query=query))).header("set-cookie").partition("=")[0]  # type: ignore[union-attr]  # a binding is set
    for value in (b"\xe9", b"a b", b'"quoted"', b"a,b", b"<script>"):
        cookie = (b"cookie", name.encode() + b"=" + value)
        response = await send_raw(app, RawRequest("/t/acme/authorize", query=query, headers=[cookie]))
        assert response.status == 303
        assert value.decode("latin-1") not in str(response.header("set-cookie"))


@pytest.mark.rfc("9113", "8.2.3")
async def test_cookies_in_several_fields_are_all_read(ada: EndUser, app: Application, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url)
    crumbs = [(b"cookie", b"other=1")]
    crumbs += [(b"cookie", f"{cookie.name}={cookie.value}".encode()) for cookie in ada.http.cookies.jar]
    path = page.url.removeprefix("http://127.0.0.1:9000")
    assert (await send_raw(app, RawRequest(path, headers=crumbs))).status == 200


@pytest.mark.parametrize(
    "path", ["//evil.test/", "/t/acme/static//evil.test", "/t/acme/interaction//evil.test", "//t/acme/jwks"]
)
async def test_a_path_is_never_tidied_by_a_redirect(issuer: str, app: Application, path: str) -> None:
    response = await send_raw(app, RawRequest(path))
    assert response.status == 404
    assert response.header("location") is None
    assert b"evil.test" not in response.body


async def test_two_fields_of_credentials_are_none(issuer: str, app: Application) -> None:
    good = basic("webapp", "a-secret-of-the-web-application").encode()
    fields = [FORM, (b"authorization", good), (b"authorization", b"Basic eDp5")]
    response = await send_raw(app, RawRequest("/t/acme/introspect", "POST", headers=fields, body=b"token=x"))
    assert response.status == 401
