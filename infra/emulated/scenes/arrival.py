"""From end to end: a webhook, its history, contact and deal, an event, a signed delivery."""

from typing import Any

from receiver import CapturedRequest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from until import until
from world import World, check

BODY = b'{ "nome": "Bia Rocha",\n "e_mail": "bia.rocha@example.com", "pedido": "PED-1" }'
MAPPING = {
    "fields": [
        {"target": "contact.name", "path": "$.nome"},
        {"target": "contact.email", "path": "$.e_mail", "required": True},
    ],
    "keys": ["$.pedido"],
}


def prepare(world: World) -> dict[str, Any]:
    """Creates the endpoint that new deals are sent to."""
    return world.endpoint("erp", "deal.created")


def play(world: World, calm: dict[str, Any]) -> str:
    url = integration(world, "Loja")
    answer = world.api.send(url, BODY, content_type="application/json")
    check(answer.status == 200, f"ingest answered {answer.status} {answer.body}")
    webhook = finished(world, answer.body["id"])
    check(
        webhook["status"] == "success",
        f"the webhook ended as {webhook['status']}: {webhook['error']}",
    )
    path = f"/v1/origins/{world.origin}/webhooks/{webhook['id']}"
    kept = world.api.ask("GET", f"{path}/payload").raw
    check(kept == BODY, f"the payload came back as {kept!r}")
    deal = world.api.get(f"/v1/deals/{webhook['deal']['id']}")
    check(deal["title"] == "Bia Rocha", f"the deal is called {deal['title']}")
    counted = until("the webhook is counted", lambda: listed(world)["count"] == 1 and listed(world))
    check(counted["items"][0]["id"] == webhook["id"], "the list shows another webhook")
    captured = until("a delivery came", lambda: world.receiver.at("erp"))[0]
    check(captured.json["type"] == "deal.created", f"a {captured.json['type']} was sent")
    verify(captured, calm["secret"])
    check(world.arrived(calm["id"])[0]["id"] == captured.id, "the history names another delivery")
    return (
        "stored byte for byte, mapped to a contact and a deal, delivered with a valid signature"
    )


def integration(world: World, name: str) -> str:
    """Creates an integration that creates deals; returns its ingest URL."""
    body = {
        "origin": world.origin,
        "application": "webhook",
        "name": name,
        "action": "create_deal",
        "verification": [],
        "mapping": MAPPING,
    }
    url = str(world.api.make("/v1/integrations", body)["url"])
    world.hide(url.rpartition("/")[2])
    return url


def finished(world: World, webhook: str) -> dict[str, Any]:
    """Waits until the webhook is processed; returns it."""
    path = f"/v1/origins/{world.origin}/webhooks/{webhook}"

    def ask() -> dict[str, Any] | None:
        found = world.api.get(path)
        return found if found["status"] != "pending" else None

    return until("the webhook is processed", ask)


def listed(world: World) -> dict[str, Any]:
    """The history's first page by the sender's order number, and its count."""
    return dict(world.api.get(f"/v1/origins/{world.origin}/webhooks?q=PED-1"))


def verify(captured: CapturedRequest, secret: str) -> None:
    """Verifies the signature with the library, and that a changed body fails."""
    hook = Webhook(secret)
    hook.verify(captured.body, captured.headers)
    try:
        hook.verify(captured.body + b" ", captured.headers)
    except WebhookVerificationError:
        return
    check(False, "the signature of a changed body was accepted")
