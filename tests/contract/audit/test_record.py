"""Events as rows."""

from __future__ import annotations

import pytest

from server import audit
from server.kernel import database, ids, logs
from server.kernel.json import load_json
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

GRANT, CLIENT, PERSON = ids.uuid7(), ids.uuid7(), ids.uuid7()
CREATED = audit.GrantCreated(
    grant_id=GRANT,
    client_pk=CLIENT,
    subject_id=PERSON,
    client_name="App",
    scope="openid",
    resources=("https://api.test/",),
    consent_shown=True,
    redirect_origin="https://app.test",
    decision={"action": "confirm", "score": 45},
)


async def test_ids_become_columns_and_the_rest_details() -> None:
    row = await _record(CREATED)
    assert [database.as_uuid(row[name]) for name in ("grant_id", "client_pk", "subject_id")] == [GRANT, CLIENT, PERSON]
    assert (row["event"], row["outcome"], row["occurred_at"]) == ("grant.created", "success", NOW)
    assert load_json(str(row["details"])) == {
        "client_name": "App",
        "scope": "openid",
        "resources": ["https://api.test/"],
        "consent_shown": True,
        "redirect_origin": "https://app.test",
        "decision": {"action": "confirm", "score": 45},
    }


async def test_actor_is_the_person_else_the_client_else_the_system() -> None:
    assert await _actor(CREATED) == ("user", str(PERSON))
    assert await _actor(audit.TokenRevoked(CLIENT, "jti")) == ("client", str(CLIENT))
    assert await _actor(audit.LoginFailed(None)) == ("system", None)
    assert await _actor(CREATED, audit.Actor.client(CLIENT)) == ("client", str(CLIENT))


async def test_failure_says_so() -> None:
    row = await _record(audit.LoginFailed(PERSON))
    assert row["outcome"] == "failure"


async def test_event_carries_the_marks_of_its_request() -> None:
    logs.begin_request("correlation", "192.0.2.1")
    row = await _record(audit.SessionEnded(PERSON, GRANT))
    assert (row["correlation_id"], row["remote_address"]) == ("correlation", "192.0.2.1")
    assert load_json(str(row["details"])) == {"session_id": str(GRANT)}


async def test_event_shares_the_fate_of_its_transaction() -> None:
    tenant = ids.uuid7()

    async def fail_after_recording() -> None:
        async with database.transaction():
            await audit.record(CREATED, tenant_id=tenant, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_recording()
    assert await database.rows("SELECT id FROM audit_event WHERE tenant_id = $1", tenant) == []


async def _record(event: audit.Event, actor: audit.Actor | None = None) -> database.Row:
    tenant = ids.uuid7()
    await audit.record(event, tenant_id=tenant, now=NOW, actor=actor)
    row = await database.row("SELECT * FROM audit_event WHERE tenant_id = $1", tenant)
    assert row is not None
    return row


async def _actor(event: audit.Event, actor: audit.Actor | None = None) -> tuple[object, object]:
    row = await _record(event, actor)
    return row["actor_kind"], row["actor_id"]
