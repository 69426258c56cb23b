"""The whole road: a webhook in, its history, contact and deal, an event, a signed delivery."""

from typing import Any

from receiver import Letter
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
    """The endpoint that new deals are sent to."""
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
    letter = until("a delivery came", lambda: world.receiver.at("erp"))[0]
    check(letter.json["type"] == "deal.created", f"a {letter.json['type']} was sent")
    verify(letter, calm["secret"])
    check(world.arrived(calm["id"])[0]["id"] == letter.id, "the history names another delivery")
    return (
        "stored byte for byte, mapped to a contact and a deal, sent on with a signature that holds"
    )


def integration(world: World, name: str) -> str:
    """The ingest URL of a new integration that makes deals."""
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
    """The webhook, once it has been processed."""
    path = f"/v1/origins/{world.origin}/webhooks/{webhook}"

    def ask() -> dict[str, Any] | None:
        found = world.api.get(path)
        return found if found["status"] != "pending" else None

    return until("the webhook is processed", ask)


def listed(world: World) -> dict[str, Any]:
    """The history's first page by the sender's order number, and its count."""
    return dict(world.api.get(f"/v1/origins/{world.origin}/webhooks?q=PED-1"))


def verify(letter: Letter, secret: str) -> None:
    """As a receiver does with the library, and once more with a byte changed."""
    hook = Webhook(secret)
    hook.verify(letter.body, letter.headers)
    try:
        hook.verify(letter.body + b" ", letter.headers)
    except WebhookVerificationError:
        return
    check(False, "a changed body passed the signature's check")
