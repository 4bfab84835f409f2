"""What the policy says of a place, with all that it follows from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .records import Action

if TYPE_CHECKING:
    from .facts import Facts
    from .records import Reason
    from .signals import SignalHit


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens at a place, and all that it follows from."""

    action: Action
    score: int  # 0 (fine) to 100
    signals: tuple[SignalHit, ...]
    reason: Reason
    facts: Facts
    policy_version: int = 0  # 0: the empty policy that every tenant begins with
    rule: int | None = None  # counted from 1, when a rule decided
    note: str | None = None  # what the administrator wrote beside the rule or the verdict
    confirmed: bool = False  # the person said yes to this place before, and it still counts, or just now
    is_stale: bool = True  # that the place is in use was not noted for a while
    person_counted: bool = False  # the person went there before, and was counted
    is_acquainted: bool = False  # the person allowed something to the client as it is now

    @property
    def needs_confirmation(self) -> bool:
        """Whether the person must be shown where they are going."""
        return self.action is Action.CONFIRM and not self.confirmed

    @property
    def may_redirect(self) -> bool:
        """Whether the browser may be sent there without another page."""
        return self.action is Action.TRUST or (self.action is Action.CONFIRM and self.confirmed)

    def accepted(self) -> Decision:
        """The same decision after the person was shown the place and chose to go on; only where they may choose."""
        if self.action is not Action.CONFIRM:
            raise AssertionError("only what is to be confirmed can be")
        return replace(self, confirmed=True)
