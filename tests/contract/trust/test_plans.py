"""What trust asks of the database is answered by an index, on the way out and on the lists, whatever else is there."""

from __future__ import annotations

import pytest
from tortoise import Tortoise, fields
from tortoise.models import Model

from server import projections, trust
from server.kernel import database, ids
from server.kernel.paging import Paging
from server.projections import HoldFilter
from server.trust import ClientFacts, HoldState, Outcome, Source
from tests.issuing import NOW
from tests.support.statements import Recorder, scans, settle

pytestmark = pytest.mark.usefixtures("storage")

ROWS, TENANTS = 5000, 500  # in each table
TENANT, PERSON = ids.uuid7(), ids.uuid7()
SCANNING = "SELECT id FROM trust_authorization WHERE person_id = $1"
URI = "https://app.github.io/cb"
CLIENT = ClientFacts("dcr", Source.DYNAMIC, NOW, "d" * 64, pk=ids.uuid7())


def _models() -> list[type[Model]]:
    listed: list[type[Model]] = list((Tortoise.apps or {})["latchkey"].values())
    return [model for model in listed if model._meta.db_table.startswith("trust_")]


def _value(name: str, field: object) -> str:
    """An expression for the value in row `n`, different in each."""
    if name == "tenant_id":
        return f"md5((n % {TENANTS})::text)::uuid"
    if isinstance(field, fields.UUIDField):
        return "gen_random_uuid()"
    if isinstance(field, fields.CharField | fields.TextField):
        return "n::text"
    return "(n % 2 = 0)" if isinstance(field, fields.BooleanField) else "n"


async def _fill() -> None:
    """Other tenants' rows, so many that a plan that reads them all would show."""
    for model in _models():
        table, columns = model._meta.db_table, model._meta.fields_map
        values = ", ".join(_value(name, field) for name, field in columns.items())
        await database.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM generate_series(1, {ROWS}) AS n"  # noqa: S608 - names of models
        )
        await settle(table)


async def _leave() -> None:
    """All that happens on the way out."""
    await trust.get_standing(ids.uuid7())  # what is cached, when it is not
    decision = await trust.decide(TENANT, CLIENT, URI, PERSON, NOW, browser="tab")
    await trust.remember(TENANT, decision, CLIENT, PERSON, browser="tab", now=NOW)
    for outcome in Outcome:
        await trust.note_outcome(TENANT, decision, _Person(), outcome, NOW)
    acquaintance = trust.row_of_acquaintance(TENANT, PERSON, CLIENT.pk or PERSON, "d", counts=True, now=NOW)
    row = trust.row_of_authorization(TENANT, decision, client_pk=None, person_id=PERSON, kept_until=NOW, now=NOW)
    await database.write(acquaintance, row)
    await trust.hold(TENANT, PERSON, CLIENT, decision, NOW)


async def _administer() -> None:
    """All that administrators look at, and all that is swept and forgotten."""
    (held,) = (await projections.list_holds(TENANT, HoldFilter(), Paging(50))).items
    await projections.list_holds(TENANT, HoldFilter(host="app.github.io", client_id="dcr"), Paging(50))
    await projections.count_open_holds(TENANT)
    await trust.list_holds(TENANT)
    await trust.list_holds_of_person(TENANT, PERSON)
    await trust.list_waiting(TENANT, held.hold.id)
    await trust.settle_hold(TENANT, held.hold.id, HoldState.APPROVED, author=None, now=NOW)
    await trust.list_policy_versions(TENANT)
    await trust.find_policy_version(TENANT, 1)
    await trust.list_verdicts(TENANT)
    await trust.list_domains(TENANT)
    await trust.find_origin(TENANT, "https://app.github.io")
    await projections.list_clients_at(TENANT, "https://app.github.io", NOW)
    await trust.count_authorizations(TENANT, NOW)
    await trust.list_authorizations(TENANT, NOW, after=PERSON, limit=9)
    await trust.count_rule_hits(TENANT, NOW)
    await trust.sweep_authorizations(1, 9)
    await trust.sweep_confirmations(1, 9)
    await trust.forget_person(TENANT, PERSON)
    await trust.forget_clients(TENANT, [CLIENT.pk or PERSON])


class _Person:
    """Somebody who counts."""

    id = PERSON
    created_at = 0
    email_verified = True


async def test_no_table_of_trust_is_read_from_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    if database.is_postgresql():
        await _fill()
    recorder = Recorder(monkeypatch)
    await _leave()
    await _administer()
    assert len(recorder.about("trust_")) >= 30
    tables = [model._meta.db_table for model in _models()]
    plans = await recorder.plans()
    assert {sql: plan for sql, plan in plans.items() if scans(plan, tables)} == {}
    # One that does would be seen.
    await database.rows(SCANNING, PERSON)
    assert scans((await recorder.plans())[SCANNING], tables)
