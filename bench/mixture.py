"""A mixture of work as a day brings it: what `make soak` sends."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.contenders import OPAQUE_RESOURCE, RESOURCE
from bench.stock import REDEEM, opaque_tokens, openid_tokens, refresh_tokens
from bench.workloads import STOCK
from bench.wrk import THREADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.contenders import Contender
    from bench.wrk import Load, Run

# Of twenty requests in a row; a code is two of them, /authorize and /token.
ORDER = (
    *("introspect", "client_credentials", "refresh", "introspect", "code", "discovery", "client_credentials"),
    *("introspect", "refresh", "opaque", "code", "introspect", "client_credentials", "userinfo", "refresh"),
    *("introspect", "jwks", "client_credentials", "refresh", "userinfo"),
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Lua = str | list["Lua"] | dict[str, "Lua"]


def run(load: Load) -> Run:
    """One run of the mixture, with tokens and grants of its own."""
    path = load.folder / "plan.lua"
    path.write_text(f"return {_lua(_plan(load.contender))}\n", encoding="ascii")
    return load.run("mixed", str(path), str(THREADS))


def _plan(contender: Contender) -> Lua:
    web = {**FORM, "Authorization": contender.web}
    return {
        "order": list(ORDER),
        "plain": _plain(contender),
        "refresh": {
            "path": contender.token,
            "headers": dict(web),
            "form": "grant_type=refresh_token&refresh_token=",
            "tokens": list(refresh_tokens(contender, STOCK)),
        },
        "code": {
            "path": contender.authorize,
            "headers": {"Cookie": asyncio.run(contender.cookies())},
            "token_path": contender.token,
            "token_headers": dict(web),
            "form": f"{REDEEM}&code=",
        },
    }


def _plain(contender: Contender) -> Lua:
    batch = {**FORM, "Authorization": contender.batch}
    bearer = asyncio.run(openid_tokens(contender, 1))[0]
    introspected = [urlencode({"token": token}) for token in opaque_tokens(contender, STOCK)]
    return {
        "client_credentials": _request("POST", contender.token, batch, _own(RESOURCE)),
        "opaque": _request("POST", contender.token, batch, _own(OPAQUE_RESOURCE)),
        "introspect": _request("POST", contender.introspect, batch, *introspected),
        "userinfo": _request("GET", contender.userinfo, {"Authorization": f"Bearer {bearer}"}),
        "discovery": _request("GET", str(contender.discovery), {}),
        "jwks": _request("GET", str(contender.jwks), {}),
    }


def _request(method: str, path: str, headers: Mapping[str, str], *bodies: str) -> Lua:
    return {"method": method, "path": path, "headers": dict(headers), "bodies": list(bodies)}


def _own(resource: str) -> str:
    return urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": resource})


def _lua(value: Lua) -> str:
    """A Lua table; texts are ASCII, whose JSON is Lua as well."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, list):
        return f"{{{', '.join(map(_lua, value))}}}"
    return f"{{{', '.join(f'[{json.dumps(name)}] = {_lua(member)}' for name, member in value.items())}}}"
