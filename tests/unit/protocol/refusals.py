"""A refusal is tested with its reason, so that a request is known to fail for what the test says and nothing else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.protocol.errors import OAuthError


@contextmanager
def refused(error: type[OAuthError], why: str) -> Iterator[None]:
    """What happens inside must raise exactly this error, for exactly this reason."""
    with pytest.raises(error) as caught:
        yield
    assert (type(caught.value), caught.value.why) == (error, why)
