"""What a kind of work needs before it starts: tokens of people and clients, by the flows that make them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from bench.browser import Browser
from bench.contenders import OPAQUE_RESOURCE, PASSWORD, PEOPLE, REDIRECT_URI, RESOURCE, VERIFIER, origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.contenders import Contender

_REDEEM = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
REDEEM = urlencode({**_REDEEM, "resource": RESOURCE})
REDEEM_OPENID = urlencode(_REDEEM)


def refresh_tokens(contender: Contender, number: int, people: Sequence[str] = PEOPLE[:1]) -> list[str]:
    """That many grants, each with a refresh token, by the whole flow of people who are signed in."""
    cookies = [asyncio.run(contender.cookies_of(person)) for person in people]
    with httpx2.Client(base_url=origin(contender)) as http:
        return [_refresh_token(http, contender, cookies[index % len(cookies)]) for index in range(number)]


def _refresh_token(http: httpx2.Client, contender: Contender, cookies: str) -> str:
    answer = http.get(contender.authorize, headers={"cookie": cookies})
    tokens = _redeem(http, contender, answer.headers["location"], REDEEM)
    return str(tokens["refresh_token"])


async def openid_tokens(contender: Contender, number: int) -> list[str]:
    """That many access tokens of one person that /userinfo takes."""
    browser = await Browser.open(contender.port)
    try:
        await browser.flow(contender.authorize, PEOPLE[0], PASSWORD)
        places = [await browser.flow(contender.authorize_openid, PEOPLE[0], PASSWORD) for _ in range(number)]
    finally:
        browser.close()
    with httpx2.Client(base_url=origin(contender)) as http:
        tokens = [str(_redeem(http, contender, place, REDEEM_OPENID)["access_token"]) for place in places]
        answer = http.get(contender.userinfo, headers={"authorization": f"Bearer {tokens[0]}"})
        answer.raise_for_status()
    return tokens


def opaque_tokens(contender: Contender, number: int) -> list[str]:
    """That many opaque access tokens, each of them active for the client that asks."""
    body = urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": OPAQUE_RESOURCE})
    with httpx2.Client(base_url=origin(contender)) as http:
        tokens = [str(_post(http, contender.token, contender.batch, body)["access_token"]) for _ in range(number)]
        assert _post(http, contender.introspect, contender.batch, urlencode({"token": tokens[0]}))["active"] is True
    return tokens


def check_silent(contender: Contender, cookies: str) -> None:
    """Make sure that the answer is a code at once, and not a page."""
    answer = httpx2.get(f"{origin(contender)}{contender.authorize}", headers={"cookie": cookies})
    assert answer.headers["location"].startswith(REDIRECT_URI), answer.headers["location"]


def _redeem(http: httpx2.Client, contender: Contender, place: str, form: str) -> dict[str, object]:
    code = parse_qs(urlsplit(place).query)["code"][0]
    return _post(http, contender.token, contender.web, f"{form}&{urlencode({'code': code})}")


def _post(http: httpx2.Client, path: str, authorization: str, body: str) -> dict[str, object]:
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    answer = http.post(path, content=body, headers=headers)
    answer.raise_for_status()
    document: dict[str, object] = answer.json()
    return document
