"""What can be an event."""

from __future__ import annotations

import dataclasses
import re

import pytest

from server import audit
from server.audit import Actor, ActorKind, event
from server.kernel import ids


def test_every_event_has_a_name_of_its_own_and_is_frozen() -> None:
    types = audit.event_types()
    names = [known.name for known in types.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in names)
    assert all(cls.__dataclass_params__.frozen for cls in types)  # type: ignore[attr-defined]  # of every dataclass


def test_name_cannot_be_taken_twice_or_be_of_another_form() -> None:
    for name in ("grant.created", "GrantCreated", "grant created", "grant.", ""):
        with pytest.raises(ValueError, match="noun"):
            event(name)


def test_actor_is_known_by_kind_and_id() -> None:
    identity = ids.uuid7()
    assert Actor.user(identity) == Actor(ActorKind.USER, str(identity))
    assert Actor.client(identity) == Actor(ActorKind.CLIENT, str(identity))
    assert Actor.administrator(identity) == Actor(ActorKind.ADMINISTRATOR, str(identity))
    assert Actor.system() == Actor(ActorKind.SYSTEM, None)


def test_every_event_is_described() -> None:
    assert all(cls.__doc__ and dataclasses.is_dataclass(cls) for cls in audit.event_types())
