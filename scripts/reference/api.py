"""docs/reference/api.md: the administration API, from the OpenAPI document that it serves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from scripts.reference import markdown
from server.api import openapi_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What a JSON object holds.
Node = dict[str, "Node"]

_INTRODUCTION = """\
Below `{PUBLIC_URL}/api/v1`; the same as OpenAPI 3.1 is at `{PUBLIC_URL}/api/openapi.json`.
[Automate it](../how-to/automate.md) shows it at work.

* **Callers** present an access token of the tenant `system` whose audience is `{PUBLIC_URL}/api/v1`. Its scope is
  `admin`, or `admin.read` to change nothing; `admin:{slug}` and `admin.read:{slug}` reach one tenant only. What a
  caller may do is looked up at every call. What is not there and what is not theirs to see are both 404.
* **Refusals** are `application/problem+json` (RFC 9457); `type` is `urn:latchkey:problem:{code}`. A 422 lists every
  fault in `errors`, each with the JSON pointer of its place.
* **Lists** come in pages of `limit` items (50, at most 200); `next` is the `cursor` of the page after, and null at the
  end.
* **Changes** want the `ETag` that was read in `If-Match`, or `*`. A 412 has what it is now in `current`. `PATCH`
  changes what it names and leaves the rest.
* **Creations** understand `Idempotency-Key`: for a day, the same key and the same request get the same answer.
* Times are RFC 3339, durations such as `90s`, `10m`, `8h`, `30d`. One address may send 1,200 requests a minute.
"""


def page() -> str:
    """The page."""
    document = cast("Node", openapi_document("{PUBLIC_URL}"))
    parts = [markdown.head("Administration API", _INTRODUCTION)]
    for tag, rows in _operations(document).items():
        table = markdown.table(("request", "needs", "body", "answer", "what it does"), rows)
        parts.append(f"\n## {tag.capitalize()}\n\n{table}")
    parts.append("\n# Documents\n")
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and not name.endswith("Page") and name != "Problem":
            parts.append(f"\n## {name}\n\n{schema['description']}\n\n{_members(schema)}")
    return "".join(parts)


def _operations(document: Node) -> Mapping[str, list[tuple[str, ...]]]:
    tags: dict[str, list[tuple[str, ...]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = str(cast("list[object]", operation["tags"])[0])
            tags.setdefault(tag, []).append(_row(path, method, operation))
    return tags


def _row(path: str, method: str, operation: Node) -> tuple[str, ...]:
    query = [str(item["name"]) for item in cast("list[Node]", operation["parameters"]) if str(item["in"]) == "query"]
    ending = f"`?{'&'.join(query)}`" if query else ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    permission = str(operation.get("x-permission", "")).replace("_", " ")
    return (
        f"`{method.upper()} {path}`{' ' if ending else ''}{ending}",
        permission,
        _name(body),
        ", ".join(_answers(operation["responses"])),
        f"{operation['summary']} {operation.get('description', '')}".strip(),
    )


def _answers(responses: Node) -> Iterator[str]:
    for status, response in responses.items():
        if status.startswith("2"):
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            yield f"{status} {_name(schema)}".strip()


def _members(schema: Node) -> str:
    required = cast("list[str]", schema.get("required", []))
    rows = [
        (f"`{name}`", "yes" if name in required else "", _type(found)) for name, found in schema["properties"].items()
    ]
    return markdown.table(("member", "always", "what it is"), rows)


def _type(schema: Node) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in cast("list[Node]", schema["anyOf"]))
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema:
        return " \\| ".join(f"`{word}`" for word in cast("list[str]", schema["enum"]))
    kind = str(schema["type"])
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    if kind == "string" and "examples" in schema:
        return f"text, such as `{json.dumps(cast('list[object]', schema['examples'])[0])}`"
    return {"string": str(schema.get("format", "text")), "integer": "number", "boolean": "true or false"}.get(
        kind, kind
    )


def _name(schema: Node) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return (
        f"[{name}](#{name.lower()})" if name and not name.endswith("Page") else (f"page of {name[:-4]}" if name else "")
    )
