"""How an authorization response reaches the client. RFC 6749 §4.1.2; the query mode alone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping


def authorization_response_url(redirect_uri: str, parameters: Mapping[str, str]) -> str:
    """The redirect URI with the parameters added to its query; what was there stays as it was.

    A space becomes %20, which every decoder reads the same, never a plus sign.
    """
    if not parameters:
        return redirect_uri
    answer = urlencode(parameters, quote_via=quote)
    if "?" not in redirect_uri:
        return f"{redirect_uri}?{answer}"
    separator = "" if redirect_uri.endswith(("?", "&")) else "&"
    return f"{redirect_uri}{separator}{answer}"
