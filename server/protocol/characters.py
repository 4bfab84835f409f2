"""Characters that no value of any protocol has a use for."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def has_control_characters(text: str) -> bool:
    """Whether a C0 or C1 control character is in the text: NUL, line ends and tabs among them."""
    return _CONTROL.search(text) is not None


def reorders_text(text: str) -> bool:
    """Whether an invisible character makes what follows read in another order than it was written."""
    return _DIRECTION.search(text) is not None
