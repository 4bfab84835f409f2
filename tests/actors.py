"""Who takes part in a flow: a person, the same person in a real browser, a relying party, an operator.

They know the public interface only: URLs, form steps and fields, commands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2

from tests.support.browser_user import BrowserUser
from tests.support.forms import Document, Form, read_document
from tests.support.relying_party import Attempt, RelyingParty, answer_of, basic, s256
from tests.support.wrong_turn import WrongTurn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.processes import Installation

__all__ = [
    "Attempt",
    "BrowserUser",
    "EndUser",
    "Operator",
    "Page",
    "RelyingParty",
    "WrongTurn",
    "answer_of",
    "basic",
    "s256",
]

MAX_REDIRECTS = 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Page:
    """Where a person's browser is: on a page of the server, or sent off to `callback`."""

    url: str
    status: int
    headers: Mapping[str, str]
    html: str = field(repr=False)
    document: Document = field(repr=False)
    callback: str | None = None

    @property
    def step(self) -> str | None:
        """The step that the page is at."""
        return self.document.step

    @property
    def error(self) -> str | None:
        """The OAuth error code of an error page."""
        return self.document.error

    @property
    def answer(self) -> dict[str, str]:
        """The parameters that the browser carries to the client; raises when it was not sent to one."""
        if self.callback is None:
            message = f"still at {self.url} ({self.status}, step {self.step}): {self.document.text[:400]}"
            raise WrongTurn(message)
        return dict(parse_qsl(urlsplit(self.callback).query))


class EndUser:
    """A person whose browser runs no script: it keeps cookies, follows redirects of the server and fills in forms.

    `http` must not follow redirects by itself. Everything hidden in a form is sent back.
    """

    def __init__(
        self, http: httpx2.AsyncClient, *, username: str = "ada", password: str = "correct-horse-battery"
    ) -> None:
        self.http = http
        self.username = username
        self.password = password

    async def visit(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """Open an address."""
        return await self._arrive(await self.http.get(url, headers=dict(headers or {})))

    async def submit(
        self,
        page: Page,
        fields: dict[str, str | list[str]] | None = None,
        *,
        button: tuple[str, str] | None = None,
        form: Form | None = None,
    ) -> Page:
        """Send a page's form, its step's unless another is named."""
        chosen = form or page.document.form()
        response = await self.http.post(
            urljoin(page.url, chosen.action or page.url),
            content=urlencode(chosen.filled(fields, button)),
            headers={"content-type": "application/x-www-form-urlencoded", "origin": _origin(page.url)},
        )
        return await self._arrive(response)

    async def log_in(self, page: Page, *, username: str | None = None, password: str | None = None) -> Page:
        """Fill in the login page."""
        _expect(page, "login")
        return await self.submit(page, {"username": username or self.username, "password": password or self.password})

    async def allow(self, page: Page, scopes: list[str] | None = None) -> Page:
        """Consent, and go on to where that leads; `scopes` ticks exactly those optional ones, else as offered."""
        return await self.go_on(await self.consent(page, scopes))

    async def consent(self, page: Page, scopes: list[str] | None = None) -> Page:
        """Consent, and see what comes next."""
        _expect(page, "consent")
        return await self.submit(page, None if scopes is None else {"scope": scopes}, button=("decision", "allow"))

    async def go_on(self, page: Page) -> Page:
        """Continue from the destination page; any other page stays."""
        return await self.leave(page) if page.step == "redirect" else page

    async def leave(self, page: Page, decision: str = "continue") -> Page:
        """Answer the destination page."""
        _expect(page, "redirect")
        return await self.submit(page, button=("decision", decision))

    async def deny(self, page: Page) -> Page:
        """Decline the consent page."""
        _expect(page, "consent")
        return await self.submit(page, button=("decision", "deny"))

    async def authorize(self, url: str) -> Page:
        """Say yes to whatever is asked, until the browser is sent off or shown a page without a question."""
        page = await self.visit(url)
        while page.callback is None:
            if page.step == "login" and page.status == httpx2.codes.OK:
                page = await self.log_in(page)
            elif page.step == "consent" and page.status == httpx2.codes.OK:
                page = await self.consent(page)
            elif page.step == "redirect" and page.status == httpx2.codes.OK:
                page = await self.leave(page)
            else:
                return page
        return page

    async def _arrive(self, response: httpx2.Response) -> Page:
        home = _origin(str(response.url))
        for _ in range(MAX_REDIRECTS):
            if response.status_code not in REDIRECTS:
                return _page(response)
            target = urljoin(str(response.url), response.headers["location"])
            if _origin(target) != home:
                return _page(response, callback=target)
            response = await self.http.get(target)
        message = f"more than {MAX_REDIRECTS} redirects, the last to {response.url}"
        raise WrongTurn(message)


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs the installation, at the command line."""

    installation: Installation

    def apply(self, *manifests: Mapping[str, object]) -> str:
        """Bring tenants to what these manifests say."""
        return self.installation.apply(*manifests)

    def rotate_keys(self, tenant: str) -> None:
        """Make new signing keys now."""
        self.installation.run("keys", "rotate", tenant)

    def create_administrator(self, username: str, password: str, *arguments: str) -> None:
        """Make an administrator."""
        self.installation.run("admin", "create", username, "--password-stdin", *arguments, stdin=f"{password}\n")

    def api_token(self, username: str, *arguments: str) -> str:
        """A bearer token for the administration API."""
        return self.installation.run("admin", "token", username, *arguments).strip()


def _page(response: httpx2.Response, callback: str | None = None) -> Page:
    html = response.text if callback is None else ""
    return Page(str(response.url), response.status_code, response.headers, html, read_document(html), callback)


def _expect(page: Page, step: str) -> None:
    if page.step != step:
        message = (
            f"expected the {step} step at {page.url} ({page.status}), found {page.step}: {page.document.text[:400]}"
        )
        raise WrongTurn(message)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
