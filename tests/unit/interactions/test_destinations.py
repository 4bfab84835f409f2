"""Where a redirect URI leads, as people read it."""

from __future__ import annotations

import pytest

from server.interactions import DestinationKind
from server.interactions.destinations import destination_of, host_of_link, registrable_domain


@pytest.mark.checklist("1d.26")
@pytest.mark.parametrize(
    ("uri", "client_host", "kind", "host", "registrable", "differs"),
    [
        ("https://app.acme.test/cb", None, DestinationKind.HTTPS, "app.acme.test", "acme.test", False),
        ("https://app.acme.co.uk/cb", "www.acme.co.uk", DestinationKind.HTTPS, "app.acme.co.uk", "acme.co.uk", False),
        ("https://acme.github.io/cb", "acme.test", DestinationKind.HTTPS, "acme.github.io", "acme.github.io", True),
        ("https://192.0.2.7/cb", None, DestinationKind.HTTPS, "192.0.2.7", "192.0.2.7", False),
        ("http://127.0.0.1:5000/cb", "acme.test", DestinationKind.LOOPBACK, "127.0.0.1", "", False),
        ("com.acme.app:/cb", None, DestinationKind.PRIVATE_USE, "", "", False),
    ],
)
def test_a_destination_names_its_host_and_what_somebody_registered(
    uri: str, client_host: str | None, kind: DestinationKind, host: str, registrable: str, *, differs: bool
) -> None:
    found = destination_of(uri, client_host)
    assert (found.kind, found.host, found.registrable) == (kind, host, registrable)
    assert found.differs_from_client is differs


def test_a_host_that_is_a_public_suffix_stands_for_itself() -> None:
    assert registrable_domain("github.io") == "github.io"
    assert registrable_domain("::1") == "::1"


def test_only_an_https_link_of_a_client_has_a_host_to_show() -> None:
    assert host_of_link("https://Acme.test/about") == "acme.test"
    assert host_of_link("http://acme.test/") is None
    assert host_of_link("https:///nowhere") is None
    assert host_of_link(None) is None
