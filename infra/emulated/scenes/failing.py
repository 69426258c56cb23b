"""An endpoint that fails: delayed messages, suspension, notification, and every event arrives."""

from typing import Any

from until import until
from world import IMPATIENT, World, check

from scenes.topic import Mailbox

EVENT = "order.dispatched"
ORDERS = [1, 2, 3]


def prepare(world: World) -> dict[str, Any]:
    """Creates an endpoint that is suspended after three failures in a row."""
    return world.endpoint("shop", EVENT, IMPATIENT)


def play(world: World, shop: dict[str, Any]) -> str:
    mailbox = Mailbox(world.stack)
    world.receiver.answer("shop", 500)
    for step in ORDERS:
        world.publish(EVENT, "PED-2", {"step": step})
    stopped = world.in_state(shop["id"], "suspended", held=len(ORDERS))
    check(stopped["stopped"]["reason"]["code"] == "streak", f"the reason: {stopped['stopped']}")
    attempts = world.receiver.at("shop")
    check(len(attempts) >= 3, f"{len(attempts)} requests before the suspension")
    waited_between(attempts)
    notice = mailbox.wait(world.workspace, "suspended")
    check("shop" in notice["Message"], f"the notice: {notice['Message']}")
    before = len(world.receiver.at("shop"))
    world.receiver.answer("shop", 200)
    world.api.post(f"/v1/endpoints/{shop['id']}/enable", {"held": "all"})
    came = until("the held deliveries arrive", lambda: all_came(world, before))
    check(sorted(came) == ORDERS, f"the orders that arrived are {came}")
    world.arrived(shop["id"], len(ORDERS))
    world.in_state(shop["id"], "active", held=0)
    return (
        f"{before} failures, suspended, notified, enabled, {len(came)} held arrived as {came}"
    )


def waited_between(attempts: list[Any]) -> None:
    """Checks that each retry came after its wait of a second."""
    last: dict[str, float] = {}
    for captured in attempts:
        waited = captured.at - last.get(captured.id, 0)
        check(waited >= 0.9, f"a retry came after {waited:.2f} s")
        last[captured.id] = captured.at


def all_came(world: World, before: int) -> list[int] | None:
    """The orders in the requests after the first `before`; `None` until all have arrived."""
    steps = [int(captured.json["data"]["step"]) for captured in world.receiver.at("shop")[before:]]
    return steps if len(steps) >= len(ORDERS) else None
