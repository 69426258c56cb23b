"""Runs the recipes for receivers that ARCHITECTURE.md prints, on deliveries that the host made.

Run by `cargo xtask test --only clients`. Each recipe accepts a genuine POST or GET and refuses a changed
one, another secret and an old one. The recipe in Rust runs in tests/journeys/recipes.rs.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

SECTION = "## Signatures of outgoing requests"
EVENT = "order.verified"
SECRET = '"whsec_..."'
SECONDS = 60


def main(root: pathlib.Path) -> None:
    recipes = recipes_of((root / "infra/docs/ARCHITECTURE.md").read_text())
    kinds = sorted((language, kind(text)) for language, text in recipes)
    expected = [("js", "GET"), ("js", "POST"), ("python", "GET"), ("python", "POST")]
    assert kinds == expected, f"the section has other recipes than expected: {kinds}"
    secret, deliveries = deliver(["POST", "GET"])
    for language, text in recipes:
        delivery = deliveries[kind(text)]
        assert accepts(language, text, secret, delivery), f"{language} refuses a genuine {kind(text)}\n{text}"
        for why, (other, changed) in altered(secret, delivery).items():
            assert not accepts(language, text, other, changed), f"{language} accepts {why}\n{text}"
        print(f"    {language}: {kind(text)} verified")


def recipes_of(document: str) -> list[tuple[str, str]]:
    section = document.split(SECTION, 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```(python|js)\n(.*?)```", section, re.S)


def kind(recipe: str) -> str:
    return "GET" if re.search(r"verify_?get\(", recipe, re.I) else "POST"


def deliver(methods: list[str]) -> tuple[str, dict[str, dict]]:
    """The secret of an endpoint, and what its receiver got by each method."""
    # Its own query comes first; the rule's data follows.
    url = f"{os.environ['INBOX']}verified?loja=São%20Paulo"
    new = {"name": "Receiver", "url": url, "preset": "standard-webhooks"}
    endpoint = call("POST", "/v1/endpoints", new)
    for method in methods:
        fields = [{"from": "subject.key", "to": "pedido"}, {"from": "data.nota", "to": "nota"}]
        rule = {
            "name": method,
            "filter": {"types": [EVENT]},
            "target": {"endpoint": endpoint["id"]},
            "method": method,
            "body": {"mapped": fields},
        }
        call("POST", "/v1/rules", rule)
    # A new rule takes effect within five seconds; no request shows that it has.
    time.sleep(5)
    event = {"type": EVENT, "subject": "Pedido 1", "data": {"nota": "açaí & café = 100% + %41"}}
    call("POST", "/v1/events", event)
    ends = time.monotonic() + SECONDS
    while True:
        captured = call("GET", "/_local/inbox/inbox")["items"]
        found = {one["method"]: one for one in captured if one["path"] == "/verified"}
        if sorted(found) == sorted(methods):
            return endpoint["secret"], {method: delivery_of(one) for method, one in found.items()}
        assert time.monotonic() < ends, f"not delivered within {SECONDS} s: {methods}"
        time.sleep(0.2)


def delivery_of(captured: dict) -> dict:
    headers = dict(captured["headers"])
    return {"body": captured["body"], "query": captured["query"], "headers": headers}


def altered(secret: str, delivery: dict) -> dict[str, tuple[str, dict]]:
    """Deliveries that must be refused, each with the receiver's secret, by reason."""
    signed = delivery["body"] or delivery["query"]
    old = dict(delivery["headers"], **{"webhook-timestamp": str(int(time.time()) - 600)})
    content = f"{old['webhook-id']}.{old['webhook-timestamp']}.{signed}".encode()
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    old["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    changed = dict(delivery, body=delivery["body"].replace("1", "2"))
    changed["query"] = (delivery["query"] or "").replace("1", "2")
    return {
        "changed content": (secret, changed),
        "another secret": (other, delivery),
        "an old request": (secret, dict(delivery, headers=old)),
    }


def accepts(language: str, recipe: str, secret: str, delivery: dict) -> bool:
    run = {"python": in_python, "js": in_js}[language]
    return run(recipe, secret, delivery)


def in_python(recipe: str, secret: str, delivery: dict) -> bool:
    names = {"raw_body": delivery["body"].encode(), "headers": delivery["headers"]}
    try:
        exec(recipe.replace(SECRET, repr(secret)), names)
    except Exception as error:
        assert type(error).__name__ == "WebhookVerificationError", f"{error!r} from\n{recipe}"
        return False
    if "verify_get" in names:
        return names["verify_get"](secret, delivery["query"], delivery["headers"])
    return names["event"] == json.loads(delivery["body"])


def in_js(recipe: str, secret: str, delivery: dict) -> bool:
    given = "const { rawBody, query, headers } = JSON.parse(process.env.DELIVERY);\n"
    shown = f"console.log(verifyGet({json.dumps(secret)}, query, headers));\n"
    if kind(recipe) == "POST":
        shown = "console.log(JSON.stringify(event) === JSON.stringify(JSON.parse(rawBody)));\n"
    module = pathlib.Path("recipe.mjs")
    module.write_text(given + recipe.replace(SECRET, json.dumps(secret)) + shown)
    delivered = {"rawBody": delivery["body"], "query": delivery["query"], "headers": delivery["headers"]}
    environment = dict(os.environ, DELIVERY=json.dumps(delivered))
    ended = subprocess.run([os.environ["NODE"], module], env=environment, capture_output=True, text=True)
    if ended.returncode:
        assert "WebhookVerificationError" in ended.stderr, ended.stderr
        return False
    return {"true\n": True, "false\n": False}[ended.stdout]


def call(method: str, path: str, body: dict | None = None) -> dict:
    headers = {"authorization": f"Bearer {os.environ['KEY']}", "content-type": "application/json"}
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(os.environ["BASE"] + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


main(pathlib.Path(sys.argv[1]))
