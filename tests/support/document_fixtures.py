"""Fixtures of the tests with a host of client documents: its authority, leave to ask this machine, and the host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.kernel import outbound
from tests.support.certificates import Authority, make_authority
from tests.support.metadata_host import NAME, MetadataHost, NamedAddresses, metadata_host

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from server.settings import Settings


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whoever vouches for hosts in tests."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def errands(settings: Settings, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every name leads to this machine, which may be asked, and the tests' own authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    outbound.open_outbound(replace(settings, allow_private_metadata_hosts=True), NamedAddresses([["127.0.0.1"]]))
    yield
    outbound.close_outbound()
    outbound.open_outbound(settings)


@pytest.fixture
async def host(authority: Authority, errands: None) -> AsyncIterator[MetadataHost]:
    """A host of documents."""
    async with metadata_host(authority.server_context(NAME)) as running:
        yield running
