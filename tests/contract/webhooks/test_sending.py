"""Messages on their way, to a real server over TLS."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import webhooks
from server.kernel.outbound import FetchFailed, Trouble
from tests.support.document_fixtures import authority, errands, host
from tests.support.metadata_host import MetadataHost, answering

__all__ = ["authority", "errands", "host"]
pytestmark = pytest.mark.usefixtures("storage")
TENANT = UUID(int=5)


@pytest.mark.parametrize("status", [204, 302, 410, 500])
async def test_every_answer_is_an_answer_and_no_redirect_is_followed(host: MetadataHost, status: int) -> None:
    host.behaviours["/hook"] = answering(status=status, headers={"location": host.url("/elsewhere")})
    assert await webhooks.send(TENANT, host.url("/hook"), {"webhook-id": "m-1"}, b"{}") == status
    assert [(asked.path, asked.headers["webhook-id"]) for asked in host.asked] == [("/hook", "m-1")]


async def test_an_answer_without_end_is_none(host: MetadataHost) -> None:
    host.behaviours["/hook"] = answering(b"x" * 100_000)
    with pytest.raises(FetchFailed) as failed:
        await webhooks.send(TENANT, host.url("/hook"), {}, b"{}")
    assert failed.value.trouble is Trouble.TOO_LARGE
