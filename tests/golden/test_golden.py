"""The main pages look as they did: two widths, light and dark, beside pictures that are kept.

`make golden` compares all of them, `make golden RENEW=1` draws them anew. Here go one light and one dark, for time. The
clock stands still, names that are random are masked, and the letters come from fonts/: every machine draws alike.
"""

from __future__ import annotations

import os
from itertools import product
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route

from server import clients, users
from server.kernel import ids
from tests.admin.conftest import Platform
from tests.golden import pictures
from tests.pages.gallery import PICTURES
from web import assets

ORIGIN = "http://localhost:1"  # nothing listens: every request is answered by `serve`
EVERYTHING = bool(os.environ.get("GOLDEN"))
RENEW = bool(os.environ.get("GOLDEN_RENEW"))
DIAGONAL = [(1440, "light"), (390, "dark")]
CASES = list(product((390, 1440), ("light", "dark"))) if EVERYTHING or RENEW else DIAGONAL
OF_PEOPLE = ("login", "login-wrong", "consent", "redirect", "held", "cancelled", "logout", "error")
FONTS = {"400": "DejaVuSans", "700": "DejaVuSans-Bold", "mono": "DejaVuSansMono"}
LETTERS = """
@font-face { font-family: Golden; font-weight: 100 500; src: url(/fonts/400); }
@font-face { font-family: Golden; font-weight: 600 900; src: url(/fonts/700); }
@font-face { font-family: Golden Mono; src: url(/fonts/mono); }
:root { --font: Golden !important; --font-mono: Golden Mono !important; }
"""


# What comes with the focus gets it when the page is first drawn, which may be after it has loaded.
SETTLE = """async () => {
  await document.fonts.ready;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  document.activeElement.blur();
}"""


async def of_console(platform: Platform) -> dict[str, str]:
    """The main pages of the console, with nothing in them that is different each time."""
    owner = await platform.signed_in("owner")
    client = await clients.find(platform.acme.id, "webapp")
    person = await users.find_by_identifier(platform.acme.id, "ada")
    assert client is not None
    assert person is not None
    paths = {
        "overview": "",
        "clients": "/clients",
        "client": f"/clients/{ids.to_short(client.id)}",
        "users": "/users",
        "user": f"/users/{ids.to_short(person.id)}",
    }
    pages = {name: (await owner.get(f"/admin/t/acme{path}")).text for name, path in paths.items()}
    return {name: html.replace(person.sub, "a-subject-of-22-letters") for name, html in pages.items()}


async def draw(page: Page, pages: dict[str, str], name: str, sheet: str = "") -> bytes:
    """A picture of one page; `sheet` is a style sheet of the test's own."""

    async def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/fonts/"):
            body = (pictures.FOLDER.parent / "fonts" / f"{FONTS[path.rpartition('/')[2]]}.woff").read_bytes()
            await route.fulfill(body=body, content_type="font/woff")
        elif path.startswith(assets.URL_PREFIX):
            answer = assets.serve(path.removeprefix(assets.URL_PREFIX), None)
            assert answer is not None, path
            kind = dict(answer.headers)[b"content-type"].decode()
            letters = (LETTERS + sheet).encode() if kind.startswith("text/css") else b""
            await route.fulfill(body=answer.body + letters, content_type=kind)
        else:
            # Without its policy: a page of ours allows no fonts.
            await route.fulfill(body=pages[path.removeprefix("/")], content_type="text/html; charset=utf-8")

    await page.route("**/*", serve)
    await page.goto(f"{ORIGIN}/{name}")
    await page.evaluate(SETTLE)
    picture = await page.screenshot(full_page=True, animations="disabled", caret="hide")
    await page.unroute("**/*")
    return picture


async def opened(browser: Browser, width: int, scheme: str) -> Page:
    """A page of this width and scheme that keeps still."""
    return await browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # its words
        reduced_motion="reduce",
    )


async def test_pages_look_as_they_did(chromium: Browser, still_clock: None, platform: Platform) -> None:
    pages = {name: PICTURES[name].html() for name in OF_PEOPLE} | await of_console(platform)
    differences = {}
    for width, scheme in CASES:
        page = await opened(chromium, width, scheme)
        for name in pages:
            file = f"{name}-{width}-{scheme}.webp"
            drawn = pictures.halved(await draw(page, pages, name))
            if RENEW:
                pictures.keep(drawn, pictures.FOLDER / file)
            found = pictures.find_difference(pictures.load(pictures.FOLDER / file), drawn)
            if found is not None:
                differences[file] = found
                pictures.keep(drawn, pictures.DRAWN / file)
        await page.close()
    assert differences == {}, f"look at {pictures.DRAWN}; if it shall look so: make golden RENEW=1"


SMALL_CHANGES = (
    '.button[value="deny"] { visibility: hidden; }',  # a button that is gone
    ":root { --accent: #b3261e; }",  # a colour that is as dark as the other: it is on one mark here
    ".heading { margin-left: 6px; }",  # a title that has moved
    ".lasting { letter-spacing: 0.4px; }",  # letters that stand further apart
    ".chip { display: none; }",  # a word that is missing
)


async def test_small_changes_are_seen(chromium: Browser) -> None:
    pages = {"consent": PICTURES["consent"].html()}
    page = await opened(chromium, 1440, "light")
    kept = pictures.load(pictures.FOLDER / "consent-1440-light.webp")
    unseen = []
    for sheet in SMALL_CHANGES:
        drawn = pictures.halved(await draw(page, pages, "consent", sheet.replace("; }", " !important; }")))
        if pictures.find_difference(kept, drawn) is None:
            unseen.append(sheet)
    await page.close()
    assert unseen == []


def test_pictures_are_few_and_small() -> None:
    kept = sorted(pictures.FOLDER.glob("*.webp"))
    assert len(kept) == 4 * (len(OF_PEOPLE) + 5)
    assert sum(file.stat().st_size for file in kept) < 2_000_000
