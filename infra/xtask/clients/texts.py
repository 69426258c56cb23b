"""Compares the texts that infra/openapi.yaml allows with those that the host accepts.

Run by `cargo xtask test --only clients`. Every text goes to every place; the description's length and
pattern and the host's answer have to agree.
"""

import json
import os
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

from ruamel.yaml import YAML

TEXTS = [
    "PED-1", "Pedido São João nº 1", "日本語", "crab 🦀", "a/b", "a%2Fb", "a+b&c=d;e?f#g", "..", "'\"\\<>", "e\u0301",
    "x" * 64, "x" * 65, "é" * 100, "é" * 101, "é" * 128, "é" * 129, "x" * 255, "🦀" * 256, "🦀" * 257,
    " a ", "\u00a0a", "", " ", "\u3000", "a\tb", "a\nb", "a\u007fb", "a\u0085b", "a\u0000b", "a\u2028b", "a\u202eb", "a\u2066b",
]  # fmt: skip
EVENT = {"type": "texts.compared", "data": {}}
SCHEMA = "components/schemas"
PARAMETER = "components/parameters"
# Each place: the pointer to its schema, and the request that carries a text to it.
PLACES = {
    "subject": (f"{SCHEMA}/NewEvent/properties/subject", lambda text: ("POST", "/v1/events", {**EVENT, "subject": text})),
    "subject_status": (
        f"{SCHEMA}/NewEvent/properties/subject_status",
        lambda text: ("POST", "/v1/events", {**EVENT, "subject": "1", "subject_status": text}),
    ),
    "id of an event": (
        f"{SCHEMA}/NewEvent/properties/id",
        lambda text: ("POST", "/v1/events", {**EVENT, "subject": "1", "id": text}),
    ),
    "subject to send": (
        f"{SCHEMA}/SendRequest/properties/subject",
        lambda text: ("POST", "/v1/deliveries/send", {"subject": text, "type": EVENT["type"], "preview": True}),
    ),
    "subject to resend": (
        f"{SCHEMA}/ResendRequest/properties/filter/properties/subject",
        lambda text: ("POST", "/v1/deliveries/resend", {"filter": {"subject": text}, "dry_run": True}),
    ),
    "subject to list": (
        f"{PARAMETER}/subjectFilter/schema",
        lambda text: ("GET", f"/v1/deliveries?subject={urllib.parse.quote(text, safe='')}", None),
    ),
    "subject to show": (
        f"{PARAMETER}/subject/schema",
        lambda text: ("GET", f"/v1/subjects/{urllib.parse.quote(text, safe='')}", None),
    ),
    "name": (f"{SCHEMA}/WorkspacePatch/properties/name", lambda text: ("PATCH", "/v1/workspace", {"name": text})),
    "tag": (f"{SCHEMA}/Tag", lambda text: ("PATCH", "/v1/workspace", {"tags": [text]})),
}


def main(root: pathlib.Path) -> None:
    described = YAML(typ="safe").load(root / "infra/openapi.yaml")
    differ = []
    for place, (pointer, request) in PLACES.items():
        schema = at(described, pointer)
        for text in TEXTS:
            status = answer(*request(text))
            assert status < 500, f"{place} {text!r}: {status}"
            # Another 4xx is about what the text names: no rule, no event.
            accepted = status != (404 if place == "subject to show" else 422)
            if accepted != allows(schema, text):
                differ.append(f"{place} {text[:20]!r} of {len(text)}: the host answers {status}")
    if differ:
        sys.exit("the description and the host differ:\n" + "\n".join(differ))
    print(f"    {len(TEXTS)} texts in {len(PLACES)} places are accepted as described")


def at(described: dict, pointer: str) -> dict:
    found = described
    for name in pointer.split("/"):
        found = found[name]
    return at(described, found["$ref"].removeprefix("#/")) if "$ref" in found else found


def allows(schema: dict, text: str) -> bool:
    short = schema.get("minLength", 0) <= len(text) <= schema["maxLength"]
    return short and re.search(schema["pattern"], text) is not None


def answer(method: str, path: str, body: dict | None) -> int:
    headers = {"authorization": f"Bearer {os.environ['KEY']}", "content-type": "application/json"}
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(os.environ["BASE"] + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


main(pathlib.Path(sys.argv[1]))
