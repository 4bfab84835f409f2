"""A small load on real servers, and the ledger of what they acknowledged.

Callers sign in, get tokens, refresh, revoke and introspect, each a client that believes every answer and tries again
after a 503. It is no benchmark: it is gentle, and looks at every answer.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from tests.actors import EndUser
from tests.support.ledger import Chain, Ledger, claims_of, missing_events
from tests.support.relying_party import RelyingParty, answer_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from tests.support.processes import Server

CALLBACK = "https://app.acme.test/callback"
APP_SECRET, BATCH_SECRET = "the secret of the application", "the secret of the batch job"
GUEST = {
    "client_id": "guest",
    "token_endpoint_auth_method": "client_secret_basic",
    "client_secret": BATCH_SECRET,
    "grant_types": ["client_credentials"],
    "scope": "read",
}
# The grace is longer than any fault here: whoever got no answer to a refresh asks again. What is limited is counted,
# and nothing is refused for its number.
TENANT: dict[str, object] = {
    "tenant": "acme",
    "settings": {
        "refresh_grace": "10m",
        "access_token_lifetime": "1h",
        "rate_limits": dict.fromkeys(("authorize", "token", "revoke", "introspect"), 1_000_000),
    },
    "scopes": [{"name": "read", "description": "Read"}],
    "clients": [
        {
            "client_id": "app",
            "token_endpoint_auth_method": "client_secret_basic",
            "client_secret": APP_SECRET,
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile offline_access",
            "first_party": True,
        },
        {
            "client_id": "batch",
            "token_endpoint_auth_method": "client_secret_basic",
            "client_secret": BATCH_SECRET,
            "grant_types": ["client_credentials"],
            "scope": "read",
        },
        GUEST,
    ],
    "users": [{"username": "ada", "password": "correct-horse-battery"}],
}
CALLERS = 6
PAUSE = 0.03  # seconds between two requests of a caller
TIMEOUT = 60.0  # seconds; longer than any answer may take
PATIENCE = 120.0  # seconds; generous, for a machine that does much else


@dataclass(frozen=True, slots=True)
class Node:
    """One serving process, as the application and the batch job talk to it."""

    name: str
    app: RelyingParty
    batch: RelyingParty
    browser: httpx2.AsyncClient = field(repr=False)

    async def is_alive(self) -> bool:
        """What /healthz says."""
        base = self.app.issuer.partition("/t/")[0]
        return (await self.app.http.get(f"{base}/healthz")).status_code == httpx2.codes.OK


@dataclass(slots=True)
class Load:
    """Callers at work."""

    nodes: Sequence[Node]
    ledger: Ledger = field(default_factory=Ledger)
    _worked_at: dict[tuple[str, str], float] = field(default_factory=dict)
    _stopping: bool = False

    async def wait_until_all_work(self) -> float:
        """Return when everything has succeeded at every node from now on; the seconds that took."""
        began = time.monotonic()
        wanted = {(step.__name__, node.name) for step in STEPS for node in self.nodes}
        while missing := {key for key in wanted if self._worked_at.get(key, 0) < began}:
            if time.monotonic() - began > PATIENCE:
                message = f"not recovered after {PATIENCE:.0f} s: {sorted(missing)}; {self.ledger.violations[:3]}"
                raise AssertionError(message)
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def live(self) -> None:
        """Be one caller, until told to stop."""
        caller = Caller(self)
        while not self._stopping:
            step = secrets.choice(STEPS)
            node = secrets.choice(self.nodes)
            if await step(caller, node):
                self._worked_at[step.__name__, node.name] = time.monotonic()
            await asyncio.sleep(PAUSE)
        if caller.chain is not None and not caller.is_giving_up:
            self.ledger.live.append(caller.chain)

    def stop(self) -> None:
        """Let the callers finish what they began."""
        self._stopping = True

    async def ask(self, what: str, asking: Awaitable[httpx2.Response]) -> httpx2.Response | None:
        """The response of a success; everything else goes to the ledger."""
        began = time.monotonic()
        try:
            response = await asking
        except httpx2.TimeoutException:
            self.ledger.violations.append(f"{what}: no answer in {TIMEOUT:.0f} s")
            return None
        except httpx2.TransportError:
            self.ledger.broken[what] += 1
            return None
        return self.ledger.judge(what, response, time.monotonic() - began)

    async def audit(self, database_url: str) -> list[str]:
        """What of the ledger does not hold, now that everything works again."""
        lost = [*self.ledger.violations, *await missing_events(self.ledger, database_url)]
        for number, chain in enumerate(self.ledger.live):
            answer = await self.nodes[number % len(self.nodes)].app.refresh(chain.refresh_token)
            if answer.status_code != httpx2.codes.OK:
                lost.append(f"a refresh token that was acknowledged is refused: {answer.text}")
        for number, token in enumerate(self.ledger.revoked_tokens):
            lost += await find_revived(self.nodes[number % len(self.nodes)], token)
        return lost


async def find_revived(node: Node, token: str) -> list[str]:
    """How a token that was revoked still counts; nothing, as it should be."""
    is_reference = token.startswith("lk_")
    asker = node.app if is_reference or "gid" in claims_of(token) else node.batch
    answer = await asker.introspect(token)
    found = [] if answer.json() == {"active": False} else [f"revived, says introspection: {answer.text}"]
    if is_reference:
        refused = await node.app.refresh(token)
        found += (
            []
            if refused.status_code == httpx2.codes.BAD_REQUEST
            else [f"revived, refresh answers {refused.status_code}"]
        )
    return found


class Caller:
    """One client program and the person it acts for, one step at a time; each step says whether it succeeded."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.chain: Chain | None = None
        self.is_giving_up = False  # asked to revoke the chain, and was not told whether it is

    async def issue(self, node: Node) -> bool:
        """Get a token of the batch job's own; every other one is given back at once."""
        answer = await self.load.ask("issue", node.batch.token(grant_type="client_credentials"))
        if answer is None:
            return False
        self.load.ledger.note_issued(answer.json())
        token = str(answer.json()["access_token"])
        if secrets.randbelow(2) and await self.load.ask("give back", node.batch.revoke(token)):
            self.load.ledger.note_revoked_token(token)
        return True

    async def sign_in(self, node: Node) -> bool:
        """Start a chain, with the browser's session; the chain there was is given back first."""
        if self.chain is not None and not await self._give_up_chain(node):
            return False
        attempt = node.app.begin(scope="openid profile offline_access")
        sent_off = await self.load.ask("authorize", node.browser.get(attempt.url))
        if sent_off is None:
            return False
        code = answer_of(sent_off.headers["location"]).get("code", "")
        answer = await self.load.ask("redeem", node.app.redeem(code, attempt))
        if answer is None:
            return False
        self._take(answer)
        return True

    async def refresh(self, node: Node) -> bool:
        """Rotate; a refresh token stays good until its successor has arrived."""
        if self.chain is None or self.is_giving_up:
            return await self.sign_in(node)
        answer = await self.load.ask("refresh", node.app.refresh(self.chain.refresh_token))
        if answer is None:
            return False
        self._take(answer)
        return True

    async def introspect(self, node: Node) -> bool:
        """What is alive is active, and what was given back is not, here and now."""
        revoked = self.load.ledger.revoked_tokens
        if self.chain is not None and not self.is_giving_up and secrets.randbelow(2):
            answer = await self.load.ask("introspect", node.app.introspect(self.chain.access_token))
            expected = True
        elif revoked:
            token = secrets.choice(revoked)
            answer = await self.load.ask("introspect revoked", node.app.introspect(token))
            expected = False
        else:
            return False
        if answer is not None and answer.json()["active"] is not expected:
            self.load.ledger.violations.append(f"introspection should have said {expected}")
        return answer is not None

    async def _give_up_chain(self, node: Node) -> bool:
        chain = self.chain
        assert chain is not None
        self.is_giving_up = True
        if await self.load.ask("revoke", node.app.revoke(chain.refresh_token)) is None:
            return False
        self.load.ledger.note_revoked_grant(chain)
        self.chain, self.is_giving_up = None, False
        return True

    def _take(self, answer: httpx2.Response) -> None:
        document = answer.json()
        self.load.ledger.note_issued(document)
        self.chain = Chain(str(document["access_token"]), str(document["refresh_token"]))


STEPS: Sequence[Callable[[Caller, Node], Awaitable[bool]]] = (
    Caller.issue,
    Caller.refresh,
    Caller.refresh,
    Caller.introspect,
    Caller.introspect,
    Caller.sign_in,
)


@asynccontextmanager
async def nodes_of(servers: Sequence[Server]) -> AsyncIterator[tuple[Node, ...]]:
    """Somebody to talk to each server; one person signed in at the first, whose session counts at all of them."""
    async with AsyncExitStack() as stack:
        found: list[Node] = []
        for server in servers:
            http = await stack.enter_async_context(httpx2.AsyncClient(headers=server.headers, timeout=TIMEOUT))
            browser = await stack.enter_async_context(httpx2.AsyncClient(headers=server.headers, timeout=TIMEOUT))
            issuer = f"{server.url}/t/acme"
            app = RelyingParty(http, issuer, "app", redirect_uri=CALLBACK, client_secret=APP_SECRET)
            batch = RelyingParty(http, issuer, "batch", client_secret=BATCH_SECRET)
            if found:
                browser.cookies.update(found[0].browser.cookies)
            else:
                await EndUser(browser).authorize(app.begin(scope="openid profile offline_access").url)
            found.append(Node(str(server.port), app, batch, browser))
        yield tuple(found)


@asynccontextmanager
async def under_load(nodes: Sequence[Node]) -> AsyncIterator[Load]:
    """Callers at work, until the end; they have succeeded at everything once when this begins."""
    load = Load(nodes)
    callers = [asyncio.create_task(load.live()) for _ in range(CALLERS)]
    try:
        await load.wait_until_all_work()
        yield load
    finally:
        load.stop()
        await asyncio.gather(*callers)
