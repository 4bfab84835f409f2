"""docs/reference/metrics.md: every figure that /metrics tells."""

from __future__ import annotations

from scripts.reference import markdown
from server import measures
from server.hosting import health
from server.kernel import metrics

_INTRODUCTION = """\
What `/metrics` tells Prometheus, and to whom: [run it for others](../how-to/run-in-production.md). Counters and
histograms are those of all worker processes of a server together, of workers that have ended too; each process
writes its own once a second, so one that is killed takes the last second with it. Gauges of a process carry its `pid`
and end with it; `latchkey_ready` is asked for the whole installation.

No label names a tenant, a client or a person. `tier` is `system` for the platform's own tenant (administrators and
their tools), `tenant` for every other one, `none` where no tenant is concerned. `endpoint` is a name from
[endpoints](endpoints.md) or, for pages, `interaction`, `logout`, `static` or `page`. `status` is the class of the
status code, `error` a code from [errors](errors.md), `topic` what a cache is about.
"""


def page() -> str:
    """The page."""
    known = metrics.families()
    rows = [
        (f"`{name}`", family.kind.value, ", ".join(f"`{label}`" for label in _labels(family)), family.help)
        for name, family in sorted(known.items())
    ]
    return (
        markdown.head("Metrics", _INTRODUCTION)
        + "\n"
        + markdown.table(("name", "kind", "labels", "meaning"), rows)
        + "\n## Buckets\n\n"
        + f"Durations are in seconds; the upper bounds are {_listed(measures.BOUNDS)}.\n"
        + f"\n## Checks\n\n`check` is one of {', '.join(f'`{name}`' for name in health.CHECKS)}.\n"
    )


def _labels(family: metrics.Family) -> tuple[str, ...]:
    is_of_a_process = family.kind is metrics.Kind.GAUGE and family.name not in metrics.samples()
    return (*family.labels, "pid") if is_of_a_process else family.labels


def _listed(bounds: tuple[float, ...]) -> str:
    return ", ".join(f"{bound:g}" for bound in bounds)
