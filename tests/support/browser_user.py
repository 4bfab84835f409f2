"""A person in a real browser."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.support.wrong_turn import WrongTurn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page


# However slow the machine.
PATIENCE_MS = 120_000


class BrowserUser:
    """The same person in a real browser."""

    def __init__(self, page: Page, *, username: str = "ada", password: str = "correct-horse-battery") -> None:
        self.page = page
        self.username = username
        self.password = password

    @staticmethod
    @asynccontextmanager
    async def opened(browser: Browser, **options: object) -> AsyncIterator[BrowserUser]:
        """A person with a fresh profile; options are those of a Playwright context (locale, viewport, …)."""
        context: BrowserContext = await browser.new_context(**options)  # type: ignore[arg-type] # passed on as given
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield BrowserUser(await context.new_page())
        finally:
            await context.close()

    async def visit(self, url: str) -> None:
        """Open an address; being sent on to a client that answers nothing is no error."""
        await self.page.goto(url, wait_until="domcontentloaded")

    async def step(self) -> str | None:
        """The step that the page is at."""
        step: str | None = await self.page.evaluate("document.querySelector('form[data-step]')?.dataset.step")
        return step

    async def log_in(self) -> None:
        """Fill in the login page."""
        await self.page.fill('form[data-step="login"] [name="username"]', self.username)
        await self.page.fill('form[data-step="login"] [name="password"]', self.password)
        await self.page.locator('form[data-step="login"] [type="submit"]').first.click()

    async def decide(self, decision: str = "allow", *, tick: bool = False) -> None:
        """Answer the consent page, with every optional permission ticked or as the page offers them."""
        if tick:
            for box in await self.page.locator('form[data-step="consent"] [name="scope"]').all():
                await box.check()
        await self.page.click(f'form[data-step="consent"] [name="decision"][value="{decision}"]')

    async def leave(self, decision: str = "continue") -> None:
        """Answer the destination page."""
        await self.page.click(f'form[data-step="redirect"] [name="decision"][value="{decision}"]')

    async def authorize(self, url: str, callback: str, *, tick: bool = False) -> str:
        """Say yes to whatever is asked until the browser arrives at the callback; that address."""
        await self.visit(url)
        while not self.page.url.startswith(callback):
            # The next page is waited for as such: until it comes, the former one is still there to be asked.
            async with self.page.expect_navigation(wait_until="domcontentloaded"):
                await self._answer(tick=tick)
        return self.page.url

    async def _answer(self, *, tick: bool) -> None:
        match await self.step():
            case "login":
                await self.log_in()
            case "consent":
                await self.decide(tick=tick)
            case "redirect":
                await self.leave()
            case _:
                message = f"stuck at {self.page.url}: {(await self.page.inner_text('body'))[:400]}"
                raise WrongTurn(message)
