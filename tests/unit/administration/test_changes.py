"""What differs between two records."""

from __future__ import annotations

from dataclasses import replace

from server.administration.act import changed_fields, changes
from server.kernel.clock import MINUTE
from server.tenants import PLATFORM, Branding, Registration, new_tenant

BEFORE = new_tenant("acme", "Acme", "https://id.example", 1)
AFTER = replace(
    BEFORE,
    display_name="Acme Inc.",
    settings=replace(BEFORE.settings, refresh_grace=MINUTE, registration=Registration.OFF, rate_limits={"token": 5}),
    branding=Branding(primary_color="#1f6feb"),
)


def test_nothing_differs_from_itself() -> None:
    assert changed_fields(BEFORE, BEFORE) == ()
    assert changes(BEFORE, BEFORE) == {}


def test_fields_of_inner_records_are_named_by_themselves() -> None:
    names = {"display_name", "refresh_grace", "registration", "rate_limits", "primary_color"}
    assert set(changed_fields(BEFORE, AFTER)) == names


def test_what_json_cannot_say_is_told_as_text() -> None:
    other = replace(BEFORE, id=PLATFORM)
    assert changes(BEFORE, other) == {"id": [str(BEFORE.id), str(PLATFORM)]}


def test_changes_are_plain_values_before_and_after() -> None:
    assert changes(BEFORE, AFTER) == {
        "display_name": ["Acme", "Acme Inc."],
        "refresh_grace": [30_000_000, 60_000_000],
        "registration": ["open", "off"],
        "rate_limits": [{}, {"token": 5}],
        "primary_color": [None, "#1f6feb"],
    }
