"""Asking a hostile host over real TLS, and hosts that lead to where nobody may lead us."""

from __future__ import annotations

import asyncio
import gzip
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.kernel import ids, outbound
from server.kernel.outbound import Errand, Fetched, FetchFailed, Outbound, Trouble
from server.kernel.outbound_limits import MOST_AT_ONCE_OF_A_HOST, MOST_FOR_A_TENANT_OF_A_HOST, Gate
from server.kernel.outbound_network import SystemResolver
from tests.support.document_fixtures import authority
from tests.support.metadata_host import MetadataHost, NamedAddresses, answering, dripping, metadata_host
from tests.support.network import OutsideNetwork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.support.certificates import Authority
    from tests.support.metadata_host import Behaviour

__all__ = ["authority"]

LIMIT = 5 * 1024
TENANT = ids.uuid7()
PUBLIC = "93.184.216.34"


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    return authority


@pytest.fixture
async def hostile(trusted: Authority) -> AsyncIterator[MetadataHost]:
    async with metadata_host(trusted.server_context("clients.test")) as running:
        yield running


def asking(*answers: Sequence[str], allow_private: bool = True) -> Outbound:
    return Outbound(NamedAddresses(list(answers) or [["127.0.0.1"]]), allow_private=allow_private, limited=False)


async def fetch(url: str, **facts: object) -> Fetched:
    errand = Errand(url, TENANT, LIMIT, step_seconds=20, total_seconds=30)
    return await asking().run(replace(errand, **facts))  # type: ignore[arg-type]  # an errand's own members


async def trouble_with(behaviour: Behaviour, host: MetadataHost, **facts: object) -> Trouble:
    host.behaviours["/d"] = behaviour
    with pytest.raises(FetchFailed) as caught:
        await fetch(host.url("/d"), **facts)
    return caught.value.trouble


async def test_an_answer_within_the_bounds_is_fetched(hostile: MetadataHost) -> None:
    hostile.behaviours["/d?x=1"] = answering(b"{}", media_type="Application/JSON; charset=utf-8")
    fetched = await fetch(hostile.url("/d?x=1"))
    assert (fetched.status, fetched.body, fetched.media_type) == (200, b"{}", "application/json")
    (asked,) = hostile.asked
    assert asked.headers["host"] == hostile.origin.removeprefix("https://")
    assert asked.headers["accept-encoding"] == "identity"
    assert "cookie" not in asked.headers


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
HOSTILE: dict[str, tuple[Behaviour, Trouble]] = {
    "redirect": (answering(status=302, headers={"location": "/elsewhere"}), Trouble.STATUS),
    "permanent redirect": (answering(status=308, headers={"location": "http://127.0.0.1/"}), Trouble.STATUS),
    "not found": (answering(b"{}", status=404), Trouble.STATUS),
    "fault": (answering(b"{}", status=500), Trouble.STATUS),
    "no content": (answering(status=204), Trouble.STATUS),
    "unasked 304": (answering(status=304), Trouble.STATUS),
    "a byte too many": (answering(b" " * (LIMIT + 1)), Trouble.TOO_LARGE),
    "endless": (dripping(HEAD + b"\r\n", b" " * 1024, 0), Trouble.TOO_LARGE),
    "endless chunks": (
        dripping(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"200\r\n" + b" " * 512 + b"\r\n", 0),
        Trouble.TOO_LARGE,
    ),
    "endless head": (dripping(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 5000 + b"\r\n", 0), Trouble.PROTOCOL),
    "slow body": (dripping(HEAD + b"\r\n", b" "), Trouble.TIMED_OUT),
    "slow head": (dripping(HEAD, b"x: y\r\n"), Trouble.TIMED_OUT),
    "endless interim answers": (dripping(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), Trouble.TIMED_OUT),
    "nothing": (dripping(b"", b""), Trouble.TIMED_OUT),
    "gzip bomb": (
        answering(gzip.compress(b" " * 10_000_000)[:4000], headers={"content-encoding": "gzip"}),
        Trouble.PROTOCOL,
    ),
    "unknown encoding": (answering(b"{}", headers={"content-encoding": "br"}), Trouble.PROTOCOL),
    "gzip on the way": (answering(b"{}", headers={"transfer-encoding": "gzip"}), Trouble.PROTOCOL),
    "not HTTP": (dripping(b"220 mail.test ESMTP\r\n", b"\r\n"), Trouble.PROTOCOL),
    "less than it said": (answering(b"{}", headers={"content-length": "100"}), Trouble.PROTOCOL),
}


@pytest.mark.checklist("1d.28")
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_answer_is_a_failure_in_time(hostile: MetadataHost, name: str) -> None:
    behaviour, trouble = HOSTILE[name]
    # Enough for a busy machine to shake hands.
    patience = {"step_seconds": 1.5, "total_seconds": 2} if trouble is Trouble.TIMED_OUT else {}
    assert await trouble_with(behaviour, hostile, **patience) is trouble
    assert len(hostile.asked) == 1


async def test_a_certificate_for_another_name_is_nobodys(trusted: Authority) -> None:
    async with metadata_host(trusted.server_context("other.test")) as host:
        assert await trouble_with(answering(b"{}"), host) is Trouble.UNREACHABLE
        assert host.asked == []


async def test_a_certificate_of_an_unknown_authority_is_nobodys(
    hostile: MetadataHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert await trouble_with(answering(b"{}"), hostile) is Trouble.UNREACHABLE
    assert hostile.asked == []


async def test_proxies_of_the_environment_are_not_used(hostile: MetadataHost, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    hostile.behaviours["/d"] = answering(b"{}")
    assert (await fetch(hostile.url("/d"))).body == b"{}"


@pytest.mark.usefixtures("trusted")
async def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FetchFailed) as caught:
            await fetch(f"https://clients.test:{unused.getsockname()[1]}/d")
    assert caught.value.trouble is Trouble.UNREACHABLE


async def test_the_next_address_is_tried(hostile: MetadataHost) -> None:
    hostile.behaviours["/d"] = answering(b"{}")
    errand = Errand(hostile.url("/d"), TENANT, LIMIT)
    assert (await asking(["127.0.0.2", "127.0.0.1"]).run(errand)).body == b"{}"


# ------------------------------------------------------------------------------------------------- forbidden addresses


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["fd00::1"], ["fe80::1%eth0"],
     [PUBLIC, "127.0.0.1"], [PUBLIC, "::1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::1"], ["0.0.0.1"]],
)  # fmt: skip
async def test_a_name_that_leads_inside_is_refused(hostile: MetadataHost, addresses: list[str]) -> None:
    with pytest.raises(FetchFailed) as caught:
        await asking(addresses, allow_private=False).run(Errand(hostile.url("/d"), TENANT, LIMIT))
    assert caught.value.trouble is Trouble.FORBIDDEN_ADDRESS
    assert hostile.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "0",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]"],
)  # fmt: skip
async def test_the_system_reads_private_addresses_in_every_spelling_and_all_are_refused(
    hostile: MetadataHost, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The system's own reading, without looking names up: of names, only localhost is known anyway.
    monkeypatch.undo()
    port = hostile.origin.rpartition(":")[2]
    resolver = SystemResolver()
    with pytest.raises(FetchFailed) as caught:
        await Outbound(resolver, allow_private=False, limited=False).run(Errand(f"https://{host}:{port}/d", TENANT, 1))
    resolver.close()
    assert caught.value.trouble in {Trouble.FORBIDDEN_ADDRESS, Trouble.UNRESOLVED}
    assert hostile.asked == []


async def test_a_name_that_changes_its_mind_is_asked_once_and_held_to_its_word(hostile: MetadataHost) -> None:
    """DNS rebinding: public when it is checked, this machine when it would be connected to."""
    names = NamedAddresses([[PUBLIC], ["127.0.0.1"]])
    rebound = Outbound(names, allow_private=False, limited=False)
    went_there = pytest.RaisesExc(OutsideNetwork, match=PUBLIC)
    with pytest.RaisesGroup(went_there, allow_unwrapped=True, flatten_subgroups=True):
        await rebound.run(Errand(hostile.url("/d"), TENANT, LIMIT))
    assert names.calls == 1
    assert hostile.asked == []


@pytest.mark.parametrize("addresses", [[], [f"8.8.4.{number}" for number in range(17)]])
async def test_no_address_and_far_too_many_are_none(addresses: list[str]) -> None:
    with pytest.raises(FetchFailed) as caught:
        await asking(addresses, allow_private=False).run(Errand("https://clients.test/d", TENANT, LIMIT))
    assert caught.value.trouble is Trouble.UNRESOLVED


async def test_a_name_that_nobody_knows_is_unresolved() -> None:
    resolver = SystemResolver()
    with pytest.raises(FetchFailed) as caught:
        await Outbound(resolver, allow_private=True, limited=False).run(Errand("https://no.test/", TENANT, LIMIT))
    resolver.close()
    assert caught.value.trouble is Trouble.UNRESOLVED


async def test_a_name_server_that_says_nothing_costs_a_step() -> None:
    class Silent(NamedAddresses):
        async def resolve(self, host: str, port: int) -> Sequence[str]:
            await asyncio.sleep(60)
            return await super().resolve(host, port)

    silent = Outbound(Silent([["127.0.0.1"]]), allow_private=True, limited=False)
    with pytest.raises(FetchFailed) as caught:
        await silent.run(Errand("https://clients.test/", TENANT, LIMIT, step_seconds=0.1))
    assert caught.value.trouble is Trouble.TIMED_OUT


@pytest.mark.parametrize(
    "url",
    ["http://clients.test/d", "ftp://clients.test/d", "//clients.test/d", "https:///d", "https://", "https://a:b@c/d",
     "https://clients.test:port/d", "https://clients.test:99999/d", "https://clients.test/\n", "https://clients.test/ä",
     "https://[::1/d", "https://clients.test/a b", "file:///etc/passwd"],
)  # fmt: skip
async def test_what_is_no_https_url_of_a_host_is_not_asked(url: str) -> None:
    names = NamedAddresses([[PUBLIC]])
    with pytest.raises(FetchFailed) as caught:
        await Outbound(names, allow_private=False, limited=False).run(Errand(url, TENANT, LIMIT))
    assert caught.value.trouble is Trouble.URL
    assert names.calls == 0


@pytest.mark.parametrize("host", ["a" * 64 + ".test", ".test"])
async def test_a_host_that_no_certificate_could_name_is_refused(hostile: MetadataHost, host: str) -> None:
    port = hostile.origin.rpartition(":")[2]
    with pytest.raises(FetchFailed) as caught:
        await asking().run(Errand(f"https://{host}:{port}/", TENANT, LIMIT))
    assert caught.value.trouble in {Trouble.URL, Trouble.UNREACHABLE}


# -------------------------------------------------------------------------------------------------------------- limits


async def test_a_slow_host_fills_its_own_places_only() -> None:
    gate, released = Gate(), asyncio.Event()
    inside: list[str] = []

    async def visit(host: str) -> None:
        async with gate.passed(host):
            inside.append(host)
            await released.wait()

    visits = [asyncio.create_task(visit("slow.test")) for _ in range(MOST_AT_ONCE_OF_A_HOST + 2)]
    visits.append(asyncio.create_task(visit("other.test")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (inside.count("slow.test"), inside.count("other.test")) == (MOST_AT_ONCE_OF_A_HOST, 1)
    released.set()
    await asyncio.gather(*visits)
    assert inside.count("slow.test") == MOST_AT_ONCE_OF_A_HOST + 2
    assert (gate.of_host, gate.waiting) == ({}, {})


@pytest.mark.usefixtures("storage")
async def test_one_host_is_asked_only_so_often_for_one_tenant(hostile: MetadataHost) -> None:
    hostile.behaviours["/d"] = answering(b"{}")
    limited = Outbound(NamedAddresses([["127.0.0.1"]]), allow_private=True, limited=True)
    tenant = ids.uuid7()
    for _ in range(MOST_FOR_A_TENANT_OF_A_HOST):
        await limited.run(Errand(hostile.url("/d"), tenant, LIMIT))
    with pytest.raises(FetchFailed) as caught:
        await limited.run(Errand(hostile.url("/d"), tenant, LIMIT))
    assert caught.value.trouble is Trouble.TOO_OFTEN
    await limited.run(Errand(hostile.url("/d"), ids.uuid7(), LIMIT))


def test_nothing_is_asked_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_outbound", None)
    with pytest.raises(RuntimeError):
        outbound.outbound()
