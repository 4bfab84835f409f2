"""docs/reference/endpoints.md: what is served below an issuer."""

from __future__ import annotations

from scripts.reference import markdown
from server.hosting.table import ENDPOINTS, Endpoint
from server.tenants import PLATFORM_RATE_LIMITS

_INTRODUCTION = """\
Paths are below the issuer: `{{PUBLIC_URL}}/t/{{slug}}`, or `https://{{domain}}` for a tenant with a domain of its
own. Metadata are served at the path-inserted addresses of RFC 8414 too:
`/.well-known/oauth-authorization-server/t/{{slug}}` and `/.well-known/openid-configuration/t/{{slug}}`. Any other
method is answered with 405 and `Allow`, any other path with 404. The limit counts the requests of one address
at one tenant; `LATCHKEY_RATE_LIMITS=off` lifts it. The API (`api`) and the console (`admin`) belong to no tenant: they
are limited by the `rate_limits` of the `system` tenant, {limits} requests a minute where those say nothing.
"""

PAGES = (
    ("`{issuer}/interaction/{id}`", "the steps of an authorization: one form each, bound to the browser that began"),
    ("`{issuer}/logout`", "RP-initiated logout (`end_session_endpoint`), GET and POST"),
    ("`{PUBLIC_URL}/`", "the landing page"),
    ("`{PUBLIC_URL}/api/v1/…`", "the [administration API](api.md)"),
    ("`{PUBLIC_URL}/api/openapi.json`", "its description in OpenAPI 3.1"),
    ("`/healthz`", "200 as long as the process answers"),
    (
        "`/readyz`",
        "200 when database, migrations, keys and shared state are well, else 503 with the names of what is not",
    ),
    ("`/metrics`", "[figures](metrics.md) for Prometheus, next door only; 404 to everybody else"),
)


def page() -> str:
    """The page."""
    columns = ("path", "methods", "from other origins", "largest body", "requests a minute", "what it does")
    return (
        markdown.head("Endpoints", _INTRODUCTION.format(limits=_limits()))
        + "\n"
        + markdown.table(columns, map(_row, ENDPOINTS))
        + "\n## Pages and platform\n\n"
        + markdown.table(("address", "what it is"), PAGES)
    )


def _limits() -> str:
    return " and ".join(str(amount) for amount in PLATFORM_RATE_LIMITS.values())


def _row(endpoint: Endpoint) -> tuple[str, ...]:
    return (
        f"`{endpoint.path}`",
        ", ".join(endpoint.methods),
        "yes" if endpoint.cross_origin else "no",
        f"{endpoint.max_body // 1024} KiB",
        str(endpoint.per_minute),
        markdown.summary(endpoint.action),
    )
