"""A clock that a test sets while programs run: libfaketime, which answers them when they ask what time it is.

Only the wall clock steps; the monotonic one, by which timers run, goes on as it does on a real machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.databases import MissingProgram

_LIBRARIES = "usr/lib/*/faketime/libfaketimeMT.so.1"


@dataclass(frozen=True, slots=True)
class SteppingClock:
    """The offset of a clock, in a file that the programs read each time."""

    file: Path

    @property
    def variables(self) -> dict[str, str]:
        """What a program must be started with to go by this clock."""
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def step_to(self, seconds: int) -> None:
        """Be so many seconds ahead of the real time from now on; behind it when negative."""
        # In one step: nobody reads half of it.
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self.file)


def _library() -> Path:
    found = sorted(Path("/").glob(_LIBRARIES))
    if not found:
        raise MissingProgram("libfaketime is not installed: apt-get install faketime")
    return found[0]
