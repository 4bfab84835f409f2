"""The audit log in the console: found, looked at, taken along, kept an eye on."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Mapping

from server import audit, clients, users
from server.administration import audit_verification
from server.kernel import clock, database, ids
from server.kernel.json import JsonValue
from tests.admin.conftest import Platform, do_jobs

LOG = "/admin/t/acme/audit"
DECISION: Mapping[str, JsonValue] = {
    "action": "confirm", "score": 40, "signals": ["newly_seen"], "reason": "score", "rule": None, "policy_version": 1,
}  # fmt: skip


def events_in(text: str) -> list[str]:
    """The names of the events that a list shows, the newest first."""
    return re.findall(r'<a class="event[^"]*" href="[^"]+" translate="no">([^<]+)</a>', text)


async def happen(platform: Platform) -> None:
    """Something of a person and a client, and something that failed."""
    ada = await users.find_by_identifier(platform.acme.id, "ada")
    webapp = await clients.find(platform.acme.id, "webapp")
    assert ada is not None
    assert webapp is not None
    for event in (
        audit.LoginFailed(None),
        audit.LoginSucceeded(ada.id, ids.uuid7()),
        audit.ConsentDeclined(
            webapp.id, ada.id, "Web application", "openid notes:read", ("https://api.acme.test/",),
            "https://app.acme.test", DECISION,
        ),
    ):  # fmt: skip
        await audit.record(event, tenant_id=platform.acme.id, now=clock.now())


async def test_log_is_filtered_by_its_url_and_paged(platform: Platform) -> None:
    await happen(platform)
    auditor = await platform.signed_in("auditor")
    assert events_in((await auditor.get(LOG)).text)[:3] == ["consent.declined", "login.succeeded", "login.failed"]
    shown = {
        "event=login.failed": ["login.failed"],
        "event=login.*": ["login.succeeded", "login.failed"],
        "event=login.*&outcome=failure": ["login.failed"],
        "person=ADA": ["consent.declined", "login.succeeded"],
        "client=webapp&person=ada@acme.test": ["consent.declined"],
        "actor=ada&within=hour": ["consent.declined", "login.succeeded"],
        "until=2020-01-01T00:00": [],
        "from=2020-01-01&event=login.failed": ["login.failed"],
        "person=nobody": [],
        "client=nothing": [],
        "from=soon": [],
        "from=9999-12-31T23:59:59-23:59": [],
        "until=0001-01-01T00:00:00%2B23:59": [],
    }
    for query, expected in shown.items():
        found = await auditor.get(f"{LOG}?{query}")
        assert (found.status_code, events_in(found.text)[: len(expected) or None]) == (200, expected), query
    assert "Nobody here has this username" in (await auditor.get(f"{LOG}?person=nobody")).text
    first = await auditor.get(f"{LOG}?event=login.*&size=25")
    for _ in range(25):
        await audit.record(audit.LoginFailed(None), tenant_id=platform.acme.id, now=clock.now())
    first = await auditor.get(f"{LOG}?event=login.*")
    assert len(events_in(first.text)) == 25
    (next_uri,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    assert events_in((await auditor.get(html.unescape(next_uri))).text) == ["login.succeeded", "login.failed"]
    assert (await auditor.get(f"{LOG}?after=nonsense")).status_code == 404


async def test_event_shows_every_field_and_what_was_shown(platform: Platform) -> None:
    await happen(platform)
    auditor = await platform.signed_in("auditor")
    (uri,) = re.findall(r'href="([^"]+)" translate="no">consent.declined', (await auditor.get(LOG)).text)
    page = (await auditor.get(uri)).text
    for text in ("https://app.acme.test", "notes:read", "in use here for less than a week", ">Web application</bdi>"):
        assert text in page
    owner = await platform.signed_in("owner")
    ada = await users.find_by_identifier(platform.acme.id, "ada")
    assert ada is not None
    event = audit.WebhookUpdated(ids.uuid7(), {"url": ["https://a.test/", "https://b.test/"], "client_secret": [1, 2]})
    event_id = await audit.record(event, tenant_id=platform.acme.id, now=clock.now())
    page = (await owner.get(f"{LOG}/events/{ids.to_short(event_id)}")).text
    assert "<del>https://a.test/</del>" in page
    assert "<ins>https://b.test/</ins>" in page
    assert "<del>•••</del>" in page


async def test_nobody_learns_who_administers_elsewhere(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    found = {}
    for name in ("stranger", "nobody", "owner", "auditor"):
        page = (await auditor.get(f"{LOG}?actor={name}")).text
        (found[name],) = set(re.findall(r"audit/events\?actor=([^&\"<]+)", page))
    assert (found["stranger"], found["nobody"], found["owner"]) == ("stranger", "nobody", "owner")
    assert found["auditor"] != "auditor"
    owner = await platform.signed_in("owner")
    made = {"name": "editor-in-chief", "description": ""}
    assert (await owner.post("/admin/t/acme/roles/new", made)).status_code == 303
    # Who acted in the tenant's log is in it anyway.
    assert "audit/events?actor=owner" not in (await auditor.get(f"{LOG}?actor=owner")).text


async def test_search_is_kept_for_whoever_kept_it(platform: Platform) -> None:
    auditor, owner = await platform.signed_in("auditor"), await platform.signed_in("owner")
    refused = await auditor.post(f"{LOG}/searches", {"name": " ", "query": "event=login.failed"})
    assert (refused.status_code, "Give the search a name." in refused.text) == (422, True)
    kept = await auditor.post(f"{LOG}/searches", {"name": "Failed sign-ins", "query": "event=login.failed"})
    page = await auditor.get(kept.headers["location"])
    assert page.url.query == b"event=login.failed"
    assert "Failed sign-ins" in page.text
    assert "Failed sign-ins" not in (await owner.get(LOG)).text
    (remove,) = re.findall(r'action="([^"]+/remove)"', page.text)
    assert (await owner.post(remove)).status_code == 404
    assert (await auditor.post(remove)).status_code == 303
    # What is kept is what was understood, whatever was sent.
    for sent, understood in (
        ("event=login.failed\r\nset-cookie: a=b", b""),
        ("address=Zürich\r\n&evil=1", b"address=Z%C3%BCrich"),
        ("\U0001f600\x00", b""),
    ):
        kept = await auditor.post(f"{LOG}/searches", {"name": "Odd", "query": sent})
        page = await auditor.get(kept.headers["location"])
        assert (kept.status_code, page.url.query) == (303, understood)
    assert (await auditor.post(f"{LOG}/searches", {"name": "Odd", "query": "after=%C3%A9"})).status_code == 404
    long = "&".join(f"{name}={'ü' * 200}" for name in ("actor", "address", "correlation"))
    assert (await auditor.post(f"{LOG}/searches", {"name": "Long", "query": long})).status_code == 422
    assert "Failed sign-ins" not in (await auditor.get(LOG)).text


async def test_new_events_come_by_the_stream(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    page = (await auditor.get(f"{LOG}/live?event=login.*")).text
    assert '<meta http-equiv="refresh"' in page
    assert f'data-live="{LOG}/tail?event=login.%2A"' in page
    before = ids.to_short(ids.uuid7())
    await happen(platform)
    streamed = await auditor.get(f"{LOG}/tail?event=login.*&after={before}")
    assert streamed.headers["content-type"] == "text/event-stream"
    assert events_in(streamed.text) == ["login.failed", "login.succeeded"]


async def test_log_is_exported_as_a_file_and_says_how_far_it_is(platform: Platform) -> None:
    await happen(platform)
    auditor, owner = await platform.signed_in("auditor"), await platform.signed_in("owner")
    page = (await auditor.get(f"{LOG}/export?event=login.*")).text
    fields = dict(re.findall(r'name="(query|handle)" value="([^"]+)"', page))
    assert "Not begun yet." in (await auditor.get(f"{LOG}/export/{fields['handle']}")).text
    written = await auditor.post(f"{LOG}/export", fields | {"format": "csv"})
    assert written.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(written.text)))
    assert [row["event"] for row in rows] == ["login.failed", "login.succeeded"]
    assert "Complete: 2 events." in (await auditor.get(f"{LOG}/export/{fields['handle']}")).text
    assert "Not begun yet." in (await owner.get(f"{LOG}/export/{fields['handle']}")).text
    assert "audit.exported" in events_in((await auditor.get(LOG)).text)
    assert (await auditor.post(f"{LOG}/export", {"query": "person=nobody"})).status_code == 303


async def test_chain_is_verified_by_a_job_and_a_checkpoint_is_taken_along(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    chain = f"{LOG}/chain"
    assert "nothing has been sealed yet" in (await auditor.get(chain)).text
    taken = await auditor.post(f"{chain}/checkpoint")
    assert taken.headers["content-type"] == "application/jose"
    assert taken.text.count(".") == 2
    for given, sentence, event in (
        ("", "The chain holds", "audit_chain.verified"),
        (taken.text, "The chain holds", "audit_chain.verified"),
        ("a.b.c", "The checkpoint is none of this chain", ""),
    ):
        assert (await auditor.post(f"{chain}/verify", {"checkpoint": given})).status_code == 303
        assert "Under way" in (await auditor.get(chain)).text
        assert (
            "Nothing was changed."
            in (await auditor.get((await auditor.post(f"{chain}/verify")).headers["location"])).text
        )
        await do_jobs(audit_verification.VERIFICATION, audit_verification.run)
        assert sentence in (await auditor.get(chain)).text
        assert not event or event in events_in((await auditor.get(LOG)).text)
    await database.execute("UPDATE audit_event SET outcome = 'failure' WHERE event = 'client.created'")
    await auditor.post(f"{chain}/verify")
    await do_jobs(audit_verification.VERIFICATION, audit_verification.run)
    page = (await auditor.get(chain)).text
    assert "The chain is broken." in page
    assert "changed: event" in page
    assert "audit_chain.broken" in events_in((await auditor.get(f"{LOG}?outcome=failure")).text)
