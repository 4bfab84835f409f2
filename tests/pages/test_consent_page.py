"""The consent page as it is drawn: what it shows, in which order, and what a client's words cannot do."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest

from server.clients import ClientSource
from server.interactions import ConsentView, Destination, ResourceView, ScopeView
from server.kernel import ids
from server.kernel.clock import DAY, SECOND
from server.tenants import Origin
from server.trust import TargetKind
from server.users import User
from tests.pages.gallery import PICTURES
from tests.support.forms import read_document
from web.account.consent.contexts import consent_page
from web.localization import languages

MAY_3 = 1_777_800_000 * SECOND
RIGHT_TO_LEFT_OVERRIDE = "\u202e"


def person(**changes: object) -> User:
    ada = User(
        id=UUID(int=7),
        tenant_id=UUID(int=1),
        sub="s",
        username="ada",
        origin=Origin.CLI,
        created_at=MAY_3,
        updated_at=MAY_3,
        name="Ada Lovelace",
    )
    return replace(ada, **changes)  # type: ignore[arg-type]  # the test's own words


PLACE = Destination(
    kind=TargetKind.WEB,
    scheme="https",
    host="app.example.co.uk",
    registrable="example.co.uk",
    port=None,
    differs_from_client=False,
    is_new=False,
    is_established=False,
)
VIEW = ConsentView(
    handle="h",
    person=person(),
    destination=PLACE,
    client_id="c",
    client_name="Notes",
    verified=False,
    source=ClientSource.DYNAMIC,
    registered_at=MAY_3,
    client_host=None,
    contacts=(),
    resources=(),
    offline=False,
    duration=None,
    policy_uri=None,
    tos_uri=None,
    ui_locales=(),
)


def scope(name: str, **changes: object) -> ScopeView:
    plain = ScopeView(name, f"Do {name}", optional=False, sensitive=False, new=False)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test's own words


def test_form_has_its_step_and_its_buttons() -> None:
    form = read_document(PICTURES["consent"].html()).form("consent")
    assert form.method == "post"
    assert form.values("decision") == ["deny", "allow"]


def test_only_optional_scopes_are_checkboxes() -> None:
    form = read_document(PICTURES["consent"].html()).form("consent")
    boxes = {control.value: control.checked for control in form.controls if control.kind == "checkbox"}
    assert boxes == {"notes:write": True, "notes:purge": False}


def test_both_answers_weigh_the_same() -> None:
    buttons = re.findall(r'<button class="([^"]*)"[^>]*value="(allow|deny)"', PICTURES["consent"].html())
    assert sorted(buttons) == [("button", "allow"), ("button", "deny")]


def test_another_account_is_a_form_of_its_own_without_a_step() -> None:
    document = read_document(PICTURES["consent"].html())
    (other,) = [form for form in document.forms if form.step is None]
    assert other.values("decision") == ["switch_account"]
    assert {"csrf", "person"} <= other.names()


@pytest.mark.checklist("1d.26")
def test_host_stands_before_the_clients_name() -> None:
    text = read_document(PICTURES["consent-hostile"].html()).text
    assert text.index("You will be sent to") < text.index("xn--pypal-4ve.example") < text.index("calls itself")


def test_the_part_of_the_host_that_somebody_registered_is_strong() -> None:
    page = consent_page(VIEW, "proof", languages()["en"])
    assert (page.place.before, page.place.strong) == ("app.", "example.co.uk")
    assert "app.<strong>acme.test</strong>" in PICTURES["consent"].html()


def test_a_name_that_nobody_checked_is_marked() -> None:
    text = read_document(PICTURES["consent-unknown"].html()).text
    assert "unverified: calls itself Some Client" in text
    assert "unverified" not in read_document(PICTURES["consent"].html()).text


def test_a_clients_markup_stays_text_and_isolated() -> None:
    html = PICTURES["consent-hostile"].html()
    assert "<script>alert" not in html
    assert "<bdi>&lt;/bdi&gt;&lt;script&gt;" in html


def test_a_clients_name_cannot_turn_or_flood_the_page() -> None:
    page = consent_page(
        replace(VIEW, client_name=f"A{RIGHT_TO_LEFT_OVERRIDE}\n\n\x07B" + "x" * 500), "proof", languages()["en"]
    )
    assert page.application.name.startswith("A Bxx")
    assert len(page.application.name) == 60
    assert page.application.name.endswith("…")


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "http://plain.test/", "https://", "https://[", "data:,x", "//x"]
)
def test_only_https_links_of_a_client_are_shown(uri: str) -> None:
    page = consent_page(replace(VIEW, tos_uri=uri, policy_uri="https://ok.test/p"), "proof", languages()["en"])
    assert [link.host for link in page.application.links] == ["ok.test"]


def test_a_private_scheme_is_shown_as_the_scheme() -> None:
    destination = replace(PLACE, kind=TargetKind.PRIVATE_USE, scheme="com.example.app", host="", registrable="")
    page = consent_page(replace(VIEW, destination=destination), "proof", languages()["en"])
    assert (page.place.strong, page.place.after) == ("com.example.app", ":")


def test_punycode_is_shown_with_what_it_reads_as() -> None:
    destination = replace(PLACE, host="xn--bcher-kva.example", registrable="xn--bcher-kva.example")
    page = consent_page(replace(VIEW, destination=destination), "proof", languages()["en"])
    assert (page.place.strong, page.place.reads_as) == ("xn--bcher-kva.example", "bücher.example")


def test_staying_connected_is_said_apart_and_not_as_a_permission() -> None:
    asked = ResourceView("", "Acme", (scope("openid", description=None), scope("offline_access", description=None)))
    page = consent_page(replace(VIEW, resources=(asked,), offline=True, duration=30 * DAY), "proof", languages()["en"])
    assert [permission.name for permission in page.reaches[0].plain] == ["openid"]
    assert page.duration == "30 days"
    assert read_document(PICTURES["consent"].html()).text.count("Also while you are away") == 1


def test_sensitive_permissions_stand_apart_and_are_off_when_optional() -> None:
    asked = ResourceView("r", "Notes", (scope("read"), scope("purge", sensitive=True, optional=True)))
    (reach,) = consent_page(replace(VIEW, resources=(asked,)), "proof", languages()["en"]).reaches
    assert [permission.name for permission in reach.plain] == ["read"]
    assert [(permission.name, permission.ticked) for permission in reach.sensitive] == [("purge", False)]


def test_a_form_that_comes_back_keeps_its_ticks() -> None:
    asked = ResourceView("r", "Notes", (scope("a", optional=True), scope("b", optional=True)))
    view = replace(VIEW, resources=(asked,))
    (reach,) = consent_page(view, "proof", languages()["en"], ticked=frozenset({"b"}), message="x").reaches
    assert [permission.ticked for permission in reach.plain] == [False, True]


def test_the_answer_names_the_person_shown() -> None:
    page = consent_page(VIEW, "proof", languages()["en"])
    assert ids.from_short(page.person.token) == UUID(int=7)


def test_a_person_without_a_name_is_shown_by_username() -> None:
    page = consent_page(replace(VIEW, person=person(name=None)), "proof", languages()["en"])
    assert page.person.name == "ada"


def test_dates_are_written_in_the_readers_language() -> None:
    assert consent_page(VIEW, "proof", languages()["en"]).application.registered == "May 3, 2026"
    assert consent_page(VIEW, "proof", languages()["de"]).application.registered == "3. Mai 2026"
