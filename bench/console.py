"""`make scale-console`: every list page of the console, by every filter, on its first and on a later page.

With 1,000 tenants, 100,000 people in one of them, as many sessions and grants, and ten million audit events. One
request after the other, so that what is measured is the work of the server and the database for one page.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import asyncpg
import click
import httpx2

from bench import audit_scale, report
from bench.contenders import PASSWORD, install_latchkey, origin, serve_latchkey
from bench.multiply import add_people, add_tenants
from bench.stock import refresh_tokens
from tests.support.databases import postgresql_cluster
from tests.support.forms import read_document
from web.admin.table import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from tests.support.processes import Installation

ROUNDS = 7
LIMIT_MS = 150
SHOWN = 25  # lines of the table
SEARCH = "someone-7"
ENDLESS = {"/t/<tenant>/audit/tail"}  # goes on for minutes, as it has to
# Sessions and grants of the people, made by SQL from one of each that the flow has made.
COPIES = {
    "browser_session": "INSERT INTO browser_session SELECT (jsonb_populate_record(s, jsonb_build_object('id', "
    "gen_random_uuid(), 'user_id', p.id, 'token_digest', md5(p.id::text) || md5(p.sub)))).* "
    "FROM (SELECT b FROM browser_session b WHERE tenant_id = $1 LIMIT 1) AS one(s), person p WHERE p.tenant_id = $1",
    "access_grant": "INSERT INTO access_grant SELECT (jsonb_populate_record(g, jsonb_build_object('id', "
    "gen_random_uuid(), 'user_id', p.id, 'session_id', NULL))).* "
    "FROM (SELECT a FROM access_grant a WHERE tenant_id = $1 LIMIT 1) AS one(g), person p WHERE p.tenant_id = $1",
}


class Page(HTMLParser):
    """What a list page offers: the options of its filters, and where its next page is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.options: list[tuple[str, str]] = []
        self.next: str | None = None
        self.has_search = False
        self._name = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is offered."""
        found = dict(attrs)
        if tag == "form" and found.get("role") == "search":
            self.has_search = True
        elif tag == "select":
            self._name = found.get("name") or ""
        elif tag == "option" and self.has_search and found.get("value") and self._name != "size":
            self.options.append((self._name, str(found["value"])))
        elif tag == "a" and found.get("rel") == "next":
            self.next = found.get("href")


@dataclass(slots=True)
class Figures:
    """Milliseconds of each page at the median."""

    medians: dict[str, float] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)

    def table(self) -> str:
        """The slowest, and how many there are."""
        slowest = sorted(self.medians.items(), key=lambda one: -one[1])[:SHOWN]
        lines = [f"{len(self.medians)} pages, of which these took longest:", "", "| page | ms |", "| --- | ---: |"]
        return "\n".join(lines + [f"| {name} | {ms:.0f} |" for name, ms in slowest])

    def problems(self) -> dict[str, int]:
        """Pages that failed, with their status, or take longer than they may, with their milliseconds."""
        return self.failures | {name: round(ms) for name, ms in self.medians.items() if ms > LIMIT_MS}


@click.command()
@click.option("--tenants", default=1_000, show_default=True)
@click.option("--people", default=100_000, show_default=True)
@click.option("--events", default=10_000_000, show_default=True)
@click.option("--write", is_flag=True, help="Write the table into bench/README.md.")
def main(tenants: int, people: int, events: int, *, write: bool) -> None:
    """Time every list page of the console."""
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="latchkey-console-") as folder, postgresql_cluster() as cluster:
        # Nobody opens so many pages a minute.
        installation = install_latchkey(Path(folder), asyncio.run(cluster.create_database()), limited=False)
        installation.run("admin", "create", "root", "--password-stdin", stdin=PASSWORD)
        with serve_latchkey(installation, "latchkey") as contender, httpx2.Client(base_url=origin(contender)) as http:
            refresh_tokens(contender, 1)
            _sign_in(http, "/admin")
            asyncio.run(_fill(installation, tenants, people, events))
            for path in list_pages("bench"):
                _visit(http, path, figures)
    text = figures.table()
    click.echo(text)
    if write:
        report.write("console", text)
    report.end_loudly(figures.problems())


def list_pages(slug: str) -> Iterator[str]:
    """Every page of the console that is asked for by a tenant alone, or by nothing."""
    for row in ROWS:
        path = row.path.replace("<tenant>", slug)
        if row.method == "GET" and "<" not in path and row.path not in ENDLESS:
            yield f"/admin{path}"


def _visit(http: httpx2.Client, path: str, figures: Figures) -> None:
    """A page and, where it is a list, each of its filters, a search and a later page."""
    first = _time(http, path, path, figures)
    if first is None or not first.has_search:
        return
    for name, value in first.options:
        found = _time(http, f"{path}?{name}={value}", f"{path}?{urlencode({name: value})}", figures)
        if found is not None and found.next:
            _time(http, f"{path}?{name}={value}, next page", urljoin(path, found.next), figures)
    _time(http, f"{path}?q={SEARCH}", f"{path}?{urlencode({'q': SEARCH})}", figures)
    later, page = None, first
    for _ in range(20):
        if not page.next:
            break
        later = urljoin(path, page.next)
        page = Page(http.get(later).text)
    if later:
        _time(http, f"{path}, a later page", later, figures)


def _time(http: httpx2.Client, name: str, uri: str, figures: Figures) -> Page | None:
    times: list[float] = []
    text = ""
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = http.get(uri, follow_redirects=False)
        times.append((time.perf_counter() - begun) * 1000)
        if answer.is_redirect:
            return None  # a page that only leads to another one
        if answer.status_code != httpx2.codes.OK:
            figures.failures[name] = answer.status_code
            return None
        text = answer.text
    figures.medians[name] = statistics.median(times)
    click.echo(f"{figures.medians[name]:8.1f} ms  {name}", err=True)
    return Page(text)


async def _fill(installation: Installation, tenants: int, people: int, events: int) -> None:
    # First the tenants: each is a copy of one that has few people.
    await add_tenants(installation, "bench", 1, tenants)
    await add_people(installation, "bench", 1, people)
    connection = await asyncpg.connect(installation.database_url)
    try:
        tenant_id: UUID = await connection.fetchval("SELECT id FROM tenant WHERE slug = 'bench'")
        for table, sql in COPIES.items():
            with audit_scale.timed(f"{table} of everybody"):
                await connection.execute(sql, tenant_id)
    finally:
        await connection.close()
    await audit_scale.fill(installation.database_url, events, tenant_id)
    connection = await asyncpg.connect(installation.database_url)
    await connection.execute("ANALYZE")
    await connection.close()


def _sign_in(http: httpx2.Client, path: str) -> None:
    answer = http.get(path, follow_redirects=True)
    fields = dict(read_document(answer.text).form("login").hidden()) | {"username": "root", "password": PASSWORD}
    headers = {"sec-fetch-site": "same-origin"}
    answer = http.post(str(answer.url), data=fields, headers=headers, follow_redirects=True)
    if answer.is_error or not urlsplit(str(answer.url)).path.startswith(path):
        raise click.ClickException(f"signing in ended at {answer.url}")


if __name__ == "__main__":
    main()
