"""What programs are promised under one API version: nothing is taken away, and nothing more is asked of them.

``promised.txt`` says it line by line. What is new is added to it by ``python tests/serve/test_promise.py``, which a
change that breaks a promise may do only together with a new ``VERSION`` in serve/http/api.py.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from niteru.serve.http.api import VERSION
from niteru.serve.http.app import create_app

PROMISED = Path(__file__).with_name("promised.txt")
METHODS = ("get", "post", "delete")
Json = dict[str, Any]


def description() -> Json:
    """The description, which needs no gallery."""
    found: Json = create_app({"GALLERY": "a gallery that is not there"}).test_client().get("/openapi.json").json
    return found


def schema_of(whole: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return whole["components"]["schemas"][name] if name else schema


def fields(whole: Json, schema: Json, at: str = "") -> Iterator[str]:
    """Every field of an answer or a body, with its type."""
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    schema = schema_of(whole, schema)
    kind = schema.get("type", "anything")
    yield f"{at or '.'}: {'|'.join(sorted(kind)) if isinstance(kind, list) else kind}"
    for name, one in sorted(schema.get("properties", {}).items()):
        yield from fields(whole, one, f"{at}.{name}")
    if "items" in schema:
        yield from fields(whole, schema["items"], f"{at}[]")


def operation(whole: Json, method: str, path: str, said: Json, of_path: list[Json]) -> Iterator[str]:
    yield f"is {method.upper()} {path}"
    for one in [*of_path, *said.get("parameters", [])]:
        yield f"takes {one['in']} {one['name']}: {one['schema'].get('type')}"
        if one.get("required"):
            yield f"needs {one['in']} {one['name']}"
    for kind, body in said.get("requestBody", {}).get("content", {}).items():
        yield from (f"takes {kind} {one}" for one in fields(whole, body["schema"]))
        yield from (f"needs {kind} .{one}" for one in schema_of(whole, body["schema"]).get("required", []))
    for status, reply in said["responses"].items():
        yield f"answers {status}"
        for kind, body in reply.get("content", {}).items() if status.startswith("2") else ():
            yield from (f"answers {kind} {one}" for one in fields(whole, body["schema"]))


def promises(whole: Json) -> set[str]:
    return {
        f"{item[method]['operationId']} {line}"
        for path, item in whole["paths"].items()
        for method in METHODS
        if method in item
        for line in operation(whole, method, path, item[method], item.get("parameters", []))
    }


def test_what_was_promised_holds() -> None:
    version, *promised = PROMISED.read_text(encoding="utf-8").splitlines()
    assert version == f"API version {VERSION}", (
        "a new version makes new promises: run python tests/serve/test_promise.py"
    )
    now = promises(description())
    assert sorted(set(promised) - now) == [], "these were promised: take them back only with a new API version"
    known = {line.partition(" ")[0] for line in promised}
    more = {line for line in now - set(promised) if " needs " in line and line.partition(" ")[0] in known}
    assert sorted(more) == [], "programs that are there do not send these"
    assert sorted(now - set(promised)) == [], "new, and promised by nobody yet: run python tests/serve/test_promise.py"


if __name__ == "__main__":
    PROMISED.write_text(
        "\n".join([f"API version {VERSION}", *sorted(promises(description()))]) + "\n", encoding="utf-8"
    )
    sys.stdout.write(f"{PROMISED}\n")
