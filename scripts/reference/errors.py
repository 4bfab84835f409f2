"""docs/reference/errors.md: every refusal that can stand on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.reference import markdown
from server.protocol import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
A refused request is answered with JSON: `error` is the code, `error_description` the sentence below, which
belongs to the class and never repeats input. From `/authorize` on, the refusal is a page, or a redirect with
`error`, `error_description`, `iss` and `state` where the redirect URI is trusted. Why exactly a request was
refused stands in the log, under the correlation id that the response carries in `X-Correlation-Id`.
"""


def page() -> str:
    """The page."""
    rows = [
        (f"`{error.code}`", str(error.status), error.description, markdown.summary(error), f"`{error.__name__}`")
        for error in sorted(classes(), key=lambda error: (error.code, error.status))
    ]
    return (
        markdown.head("Errors", _INTRODUCTION)
        + "\n"
        + markdown.table(("code", "status", "description", "when", "class"), rows)
    )


def classes() -> Iterator[type[errors.OAuthError]]:
    """Every class of refusal."""
    for thing in vars(errors).values():
        if isinstance(thing, type) and issubclass(thing, errors.OAuthError) and thing is not errors.OAuthError:
            yield thing
