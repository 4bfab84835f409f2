"""Pictures of the main pages at two widths, light and dark, in var/screenshots: `make screenshots`.

They are for eyes, and for comparing before and after on one machine; fonts differ between machines, so no test depends
on them. What changed since the last run is named.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from itertools import product
from pathlib import Path

import httpx2
from playwright.async_api import Browser

from tests.actors import BrowserUser, RelyingParty
from tests.support.processes import Server, install, serving
from tests.support.serving import ACME, find_chromium, launched

FOLDER = Path(__file__).parents[2] / "var" / "screenshots"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
SCOPE = "openid profile offline_access notes:read notes:write"


async def draw(server: Server) -> list[str]:
    """Draw every page; the names of those that look other than the last time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    changed: list[str] = []
    async with launched(find_chromium()) as browser, httpx2.AsyncClient() as http:
        client = await RelyingParty.register(http, server.installation.issuer("acme"), client_name="Notes on the desk")
        for width, scheme in product(WIDTHS, SCHEMES):
            changed += await _draw_all(browser, client, server, width, scheme)
    return changed


async def _draw_all(browser: Browser, client: RelyingParty, server: Server, width: int, scheme: str) -> list[str]:
    changed: list[str] = []

    async def picture(name: str) -> None:
        path = FOLDER / f"{name}-{width}-{scheme}.png"
        before = path.read_bytes() if path.exists() else None
        if await user.page.screenshot(path=path, full_page=True, animations="disabled", caret="hide") != before:
            changed.append(path.name)

    viewport = {"width": width, "height": 800}
    async with BrowserUser.opened(browser, viewport=viewport, color_scheme=scheme, reduced_motion="reduce") as user:
        await user.visit(f"{server.url}/")
        await picture("landing")
        await user.visit(f"{client.issuer}/authorize?client_id=unknown")
        await picture("error")
        await user.visit(client.begin(scope=SCOPE, resource="https://api.acme.test/notes").url)
        await picture("login")
        user.password = "wrong"
        await user.log_in()
        await user.page.wait_for_selector("[aria-invalid=true], [role=alert]")
        await picture("login-refused")
        user.password = "correct-horse-battery"
        await user.log_in()
        await user.page.wait_for_selector('form[data-step="consent"]')
        await picture("consent")
        await user.decide()
        await user.page.wait_for_selector('form[data-step="redirect"]')
        await picture("redirect")
        await user.leave("cancel")
        await user.page.wait_for_selector('main[data-step="cancelled"]')
        await picture("cancelled")
        await user.visit(f"{client.issuer}/logout")
        await picture("logout")
        await user.page.click('form[data-step="logout"] [type="submit"]')
        await user.page.wait_for_load_state("domcontentloaded")
        await picture("logged-out")
    return changed


def main() -> None:
    """Draw them with a server of their own."""
    # The pages show the host: always the same one.
    environment = {"LATCHKEY_PUBLIC_URL": "http://127.0.0.1:9190"}
    with (
        tempfile.TemporaryDirectory(prefix="latchkey-screenshots-") as folder,
        serving(install(Path(folder), environment=environment, manifests=[ACME])) as (server,),
    ):
        changed = asyncio.run(draw(server))
    sys.stdout.write(f"{FOLDER}: {', '.join(changed) or 'nothing changed'}\n")


if __name__ == "__main__":
    main()
