"""Where a redirect URI leads, as people read it."""

from __future__ import annotations

import pytest

from server.interactions.destinations import destination_of, host_of_link, reasons_of
from server.trust import Decision, Facts, OriginFacts, Signal, Source, TargetKind, TrustPolicy, evaluate, target_of
from tests.issuing import NOW


def judged(uri: str, *, source: Source = Source.DYNAMIC, differs: bool = False, people: int = 0) -> Decision:
    """What the empty policy says of a place where so many people went for a long time."""
    origin = OriginFacts(first_seen_at=1 if people else None, people=people)
    facts = Facts(
        at=NOW, redirect_uri=uri, client_id="c", source=source, target=target_of(uri), origin=origin,
        differs_from_client=differs,
    )  # fmt: skip
    return evaluate(facts, TrustPolicy(), 0, NOW)


@pytest.mark.checklist("1d.26")
@pytest.mark.parametrize(
    ("uri", "kind", "host", "registrable", "port"),
    [
        ("https://app.acme.test/cb", TargetKind.WEB, "app.acme.test", "acme.test", None),
        ("https://app.acme.co.uk:8443/cb", TargetKind.WEB, "app.acme.co.uk", "acme.co.uk", 8443),
        ("https://acme.github.io/cb", TargetKind.WEB, "acme.github.io", "acme.github.io", None),
        ("https://192.0.2.7/cb", TargetKind.WEB, "192.0.2.7", "192.0.2.7", None),
        ("http://127.0.0.1:5000/cb", TargetKind.LOOPBACK, "127.0.0.1", "", None),
        ("com.acme.app:/cb", TargetKind.PRIVATE_USE, "", "", None),
    ],
)
def test_a_destination_names_its_host_and_what_somebody_registered(
    uri: str, kind: TargetKind, host: str, registrable: str, port: int | None
) -> None:
    found = destination_of(judged(uri))
    assert (found.kind, found.host, found.registrable, found.port) == (kind, host, registrable, port)


def test_another_site_than_the_client_s_is_told() -> None:
    assert destination_of(judged("https://app.acme.test/cb", differs=True)).differs_from_client
    assert not destination_of(judged("https://app.acme.test/cb")).differs_from_client


def test_a_place_is_new_until_many_went_there_for_a_while() -> None:
    uri = "https://app.acme.test/cb"
    assert destination_of(judged(uri)).is_new
    assert not destination_of(judged(uri, source=Source.ADMIN)).is_new
    known = destination_of(judged(uri, people=100))
    assert (known.is_new, known.is_established) == (False, True)


def test_reasons_begin_with_what_weighs_most() -> None:
    decision = judged("https://someone.github.io/cb")
    assert reasons_of(decision)[0] is Signal.SHARED_HOSTING
    assert Signal.REGISTERED_BY_ADMIN not in reasons_of(judged("https://app.acme.test/cb", source=Source.ADMIN))


def test_only_an_https_link_of_a_client_has_a_host_to_show() -> None:
    assert host_of_link("https://Acme.test/about") == "acme.test"
    assert host_of_link("http://acme.test/") is None
    assert host_of_link("https:///nowhere") is None
    assert host_of_link(None) is None
