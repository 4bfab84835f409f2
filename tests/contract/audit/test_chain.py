"""The chain of events: sealed by a job, verified row by row, and whoever changes the tables is found out."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from server import audit
from server.audit import Breach, BrokenChain, ForeignCheckpoint, chain, chain_store, sealing, verification
from server.kernel import clock, database, ids
from server.kernel.clock import DAY, HOUR
from server.settings import Settings
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

TENANT, OTHER = ids.uuid7(), ids.uuid7()
PERSON = ids.uuid7()


async def _record(count: int = 1, tenant_id: UUID = TENANT) -> None:
    await asyncio.gather(
        *(audit.record(audit.LoginSucceeded(PERSON, ids.uuid7()), tenant_id=tenant_id, now=NOW) for _ in range(count))
    )


async def _seal() -> int:
    return await audit.seal_new(clock.now())


async def _ids(tenant_id: UUID = TENANT) -> list[UUID]:
    rows = await database.rows("SELECT id FROM audit_event WHERE tenant_id = $1 ORDER BY id", tenant_id)
    return [database.as_uuid(row["id"]) for row in rows]


async def _breach(tenant_id: UUID = TENANT, exported: str | None = None) -> tuple[Breach, str]:
    with pytest.raises(BrokenChain) as caught:
        await audit.verify(tenant_id, exported)
    return caught.value.breach, str(caught.value)


async def test_what_was_recorded_is_sealed_for_each_tenant_and_holds() -> None:
    await _record(3)
    await _record(2, OTHER)
    assert await _seal() == 5
    await _record(4)
    assert await _seal() == 4
    verified = await audit.verify(TENANT)
    assert (verified.events, verified.seals, verified.unsealed) == (7, 2, 0)
    assert (await audit.verify(OTHER)).events == 2
    assert await _seal() == 0


async def test_many_tenants_that_end_a_segment_at_once_leave_room_for_others() -> None:
    tenants = [ids.uuid7() for _ in range(600)]  # each ends its first, which began before time
    for tenant_id in tenants:
        await _record(1, tenant_id)
    sealing_all = asyncio.create_task(_seal())
    while not sealing_all.done():
        await database.rows("SELECT 1 AS one")  # refused where more than 512 wait for a connection
        await asyncio.sleep(0)
    assert await sealing_all == 600


async def test_what_waits_to_be_sealed_breaks_nothing() -> None:
    await _record(2)
    assert (await audit.verify(TENANT)).unsealed == 2
    await _seal()
    await _record()
    assert (await audit.verify(TENANT)).unsealed == 1


async def test_a_tenant_without_events_has_nothing_to_break() -> None:
    assert (await audit.verify(ids.uuid7())).events == 0


async def test_many_events_make_several_seals_and_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEGMENT_EVENTS", 8)
    monkeypatch.setattr(sealing, "BATCH", 4)
    monkeypatch.setattr(verification, "SEALS", 2)
    monkeypatch.setattr(verification, "EVENTS", 3)
    await _record(25)
    assert await _seal() == 25
    verified = await audit.verify(TENANT)
    # Six of 4 and one of 1; the first seal of all ends a segment that began before time.
    assert (verified.events, verified.seals, verified.checkpoints) == (25, 7, 3)


Attack = Callable[[list[UUID]], Awaitable[object]]


async def _change(events: list[UUID]) -> None:
    await database.execute("UPDATE audit_event SET remote_address = '192.0.2.9' WHERE id = $1", events[3])


async def _remove(events: list[UUID]) -> None:
    await database.execute("DELETE FROM audit_event WHERE id = $1", events[3])


async def _swap(events: list[UUID]) -> None:
    """Two events change places: each has the other's id."""
    spare = UUID(int=events[2].int ^ 1)
    for old, new in ((events[2], spare), (events[5], events[2]), (spare, events[5])):
        await database.execute("UPDATE audit_event SET id = $1 WHERE id = $2", new, old)


async def _copy(events: list[UUID], new: UUID) -> None:
    columns = ", ".join(name for name in chain.COLUMNS if name != "id")
    sql = f"INSERT INTO audit_event (id, {columns}) SELECT $1, {columns} FROM audit_event WHERE id = $2"  # noqa: S608 - names of columns
    await database.execute(sql, new, events[3])


async def _insert_unnoticed(events: list[UUID]) -> None:
    new = UUID(int=events[3].int + 1)
    await _copy(events, new)
    await database.execute("DELETE FROM audit_unsealed WHERE id = $1", new)


async def _insert_backdated(events: list[UUID]) -> None:
    """By the door that everybody uses, so that it will be sealed."""
    await _copy(events, UUID(int=events[3].int - (2 * HOUR // 1000 << 80)))
    await _seal()


async def _reorder_seal(_: list[UUID]) -> None:
    row = await database.row("SELECT members FROM audit_seal WHERE number = 1")
    assert row is not None
    members = row["members"]
    assert isinstance(members, bytes)
    swapped = members[48:96] + members[:48] + members[96:]
    await database.execute("UPDATE audit_seal SET members = $1 WHERE number = 1", swapped)


async def _swap_seals(_: list[UUID]) -> None:
    for number, new in ((1, 9), (2, 1), (9, 2)):
        await database.execute("UPDATE audit_seal SET number = $1 WHERE number = $2", new, number)


async def _remove_seal(_: list[UUID]) -> None:
    await database.execute("DELETE FROM audit_seal WHERE number = 2")


async def _remove_last_seal(_: list[UUID]) -> None:
    await database.execute("DELETE FROM audit_seal WHERE number = 3")


async def _remove_first_seal(events: list[UUID]) -> None:
    await database.execute("DELETE FROM audit_checkpoint")
    await database.execute("DELETE FROM audit_seal WHERE number = 1")


async def _forge_checkpoint(_: list[UUID]) -> None:
    row = await database.row("SELECT signed FROM audit_checkpoint")
    assert row is not None
    head, payload, signature = str(row["signed"]).split(".")
    await database.execute("UPDATE audit_checkpoint SET signed = $1", f"{head}.{payload[:-4]}AAAA.{signature}")


async def _claim_retention(events: list[UUID]) -> None:
    await database.execute("UPDATE audit_chain SET trimmed_before = $1", events[-1])
    await database.execute("DELETE FROM audit_event WHERE id < $1", events[-1])


async def _seal_anew(events: list[UUID]) -> None:
    """Rewrite the last seal as if another event had never been, as well as one can without the secret."""
    head = await chain_store.find_head(TENANT)
    assert head is not None
    seals = await chain_store.list_seals(TENANT, 0, 10)
    last, before = seals[-1], seals[-2]
    members = last.members[48:]
    digest = chain.seal_digest(before.digest, TENANT, (last.number, last.position - 1, last.sealed_at), members)
    await database.execute(
        "UPDATE audit_seal SET members = $1, digest = $2, position = position - 1 WHERE number = $3",
        members,
        digest,
        last.number,
    )
    await database.execute("DELETE FROM audit_event WHERE id = $1", events[-3])


@pytest.mark.parametrize(
    ("attack", "breach"),
    [
        (_change, Breach.CHANGED),
        (_remove, Breach.REMOVED),
        (_swap, Breach.CHANGED),
        (_insert_unnoticed, Breach.INSERTED),
        (_insert_backdated, Breach.BACKDATED),
        (_reorder_seal, Breach.REORDERED),
        (_swap_seals, Breach.REORDERED),
        (_remove_seal, Breach.REMOVED),
        (_remove_last_seal, Breach.REMOVED),
        (_remove_first_seal, Breach.REMOVED),
        (_forge_checkpoint, Breach.FORGED),
        (_claim_retention, Breach.FORGED),
        (_seal_anew, Breach.REORDERED),
    ],
)
async def test_an_attack_on_the_tables_is_named(attack: Attack, breach: Breach) -> None:
    for _ in range(3):
        await _record(3)
        await _seal()
    await audit.verify(TENANT)
    await attack(await _ids())
    assert (await _breach())[0] is breach


async def test_the_first_broken_event_is_named() -> None:
    await _record(9)
    await _seal()
    events = await _ids()
    for event_id in (events[7], events[4]):
        await database.execute("UPDATE audit_event SET outcome = 'failure' WHERE id = $1", event_id)
    breach, why = await _breach()
    assert breach is Breach.CHANGED
    assert str(events[4]) in why


async def _cut_tail() -> None:
    """The last seal and its events, and the head as if they had never been."""
    (before, last) = (await chain_store.list_seals(TENANT, 0, 10))[-2:]
    for event_id in chain.ids_in(last.members):
        await database.execute("DELETE FROM audit_event WHERE id = $1", event_id)
    await database.execute("DELETE FROM audit_seal WHERE number = $1", last.number)
    await database.execute("DELETE FROM audit_checkpoint WHERE number = $1", last.number)
    await database.execute(
        "UPDATE audit_chain SET number = $1, position = $2, digest = $3", before.number, before.position, before.digest
    )


async def test_a_cut_tail_shows_against_an_exported_checkpoint_only() -> None:
    await _record(3)
    await _seal()
    await _record(3)
    await _seal()
    exported = await audit.checkpoint_now(TENANT, NOW)
    assert (await audit.verify(TENANT, exported)).events == 6
    await _cut_tail()
    assert (await audit.verify(TENANT)).events == 3
    assert (await _breach(exported=exported))[0] is Breach.CUT
    # What is written on in its place does not hide it.
    await _record(3)
    await _seal()
    await _record(3)
    await _seal()
    assert (await _breach(exported=exported))[0] is Breach.REORDERED


async def test_an_exported_checkpoint_is_this_chains_or_refused() -> None:
    await _record()
    await _record(tenant_id=OTHER)
    await _seal()
    exported = await audit.checkpoint_now(TENANT, NOW)
    for signed in (exported[:-4] + "AAAA", "no checkpoint", "", await audit.checkpoint_now(OTHER, NOW)):
        with pytest.raises(ForeignCheckpoint):
            await audit.verify(TENANT, signed)
    with pytest.raises(ForeignCheckpoint):
        await audit.verify(ids.uuid7(), exported)
    with pytest.raises(audit.NoChain):
        await audit.checkpoint_now(ids.uuid7(), NOW)


async def test_an_event_that_was_gone_before_it_was_sealed_is_missed() -> None:
    await _record(3)
    await database.execute("DELETE FROM audit_event WHERE id = $1", (await _ids())[1])
    await _seal()
    assert (await _breach())[0] is Breach.REMOVED


async def test_a_transaction_that_commits_late_is_sealed_late() -> None:
    """Its event has a lower id than what is sealed already."""
    early = await _late_commit()
    assert early not in await chain_store.unsealed_ids(TENANT)
    assert (await audit.verify(TENANT)).events == 3


async def _late_commit() -> UUID:
    has_written, may_commit = asyncio.Event(), asyncio.Event()

    async def be_slow() -> None:
        async with database.transaction():
            await _record()
            has_written.set()
            await may_commit.wait()

    if not database.is_postgresql():
        # SQLite lets nobody else write meanwhile: there an event is late that another process made an id for before.
        early = ids.uuid7()
        await _record()
        await _seal()
        await _copy((await _ids())[:1] * 4, early)
        await _record()
        await _seal()
        return early
    slow = asyncio.create_task(be_slow())
    await has_written.wait()
    await _record()
    young = (await _ids())[0]
    # Below the oldest running transaction nothing is sealed, but not for ever.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "PATIENCE", DAY)
        assert await _seal() == 0
    assert await _seal() == 1
    may_commit.set()
    await slow
    await _record()
    await _seal()
    early = min(await _ids())
    assert early < young
    return early


async def test_two_that_seal_at_once_seal_each_event_once() -> None:
    for _ in range(5):
        await _record(20)
        await _record(20, OTHER)
        await asyncio.gather(*(_seal() for _ in range(4)))
    await _seal()
    assert (await audit.verify(TENANT)).events == 100
    assert (await audit.verify(OTHER)).events == 100


PROGRAM = """
import asyncio, sys
from server.kernel import clock, database, encryption
from server import audit

async def main():
    encryption.open_master_secrets(sys.argv[2])
    await database.open_database(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum([await audit.seal_new(clock.now()) for _ in range(5)]))
    await database.close_database()

asyncio.run(main())
"""


async def test_two_processes_that_seal_at_once_seal_each_event_once(settings: Settings) -> None:
    await _record(600)
    command = (sys.executable, "-c", PROGRAM, settings.database_url, settings.secret_key)
    running = [await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(process.communicate(b"\n") for process in running))
    assert sum(int(out) for out, _ in told) == 600
    assert (await audit.verify(TENANT)).events == 600


async def test_one_pass_costs_the_same_for_one_tenant_and_for_many() -> None:
    for _ in range(30):
        await _record(tenant_id=ids.uuid7())
    await _seal()
    for row in await database.rows("SELECT tenant_id FROM audit_chain"):
        await _record(tenant_id=database.as_uuid(row["tenant_id"]))
    with database.query_count() as count:
        assert await _seal() == 30
    # Three reads, and a group commit that takes the seals of all.
    assert count.total == 3 + 30
