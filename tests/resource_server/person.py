"""A program that takes an address, as a browser does, and is a person who signs in and says yes to everything."""

from __future__ import annotations

import asyncio
import sys

import httpx2

from tests.actors import EndUser


async def say_yes(url: str) -> None:
    async with httpx2.AsyncClient(timeout=60) as http:
        page = await EndUser(http).authorize(url)
        assert page.callback is not None, page.document.text
        await http.get(page.callback)


if __name__ == "__main__":
    asyncio.run(say_yes(sys.argv[1]))
