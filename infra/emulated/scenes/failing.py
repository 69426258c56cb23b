"""An endpoint that fails: delayed bells, suspension, people are told, and everything arrives."""

from typing import Any

from until import until
from world import IMPATIENT, World, check

from scenes.topic import Mailbox

EVENT = "order.dispatched"
ORDERS = [1, 2, 3]


def prepare(world: World) -> dict[str, Any]:
    """An endpoint that is given up after three failures in a row."""
    return world.endpoint("shop", EVENT, IMPATIENT)


def play(world: World, shop: dict[str, Any]) -> str:
    mailbox = Mailbox(world.stack)
    world.receiver.answer("shop", 500)
    for step in ORDERS:
        world.publish(EVENT, "PED-2", {"step": step})
    stopped = world.in_state(shop["id"], "suspended", held=len(ORDERS))
    check(stopped["stopped"]["reason"]["code"] == "streak", f"the reason: {stopped['stopped']}")
    tries = world.receiver.at("shop")
    check(len(tries) >= 3, f"{len(tries)} requests before the suspension")
    waited_between(tries)
    told = mailbox.wait(world.workspace, "suspended")
    check("shop" in told["Message"], f"people were told: {told['Message']}")
    before = len(world.receiver.at("shop"))
    world.receiver.answer("shop", 200)
    world.api.post(f"/v1/endpoints/{shop['id']}/enable", {"held": "all"})
    came = until("what was held arrives", lambda: all_came(world, before))
    check(sorted(came) == ORDERS, f"the orders that came are {came}")
    world.arrived(shop["id"], len(ORDERS))
    world.in_state(shop["id"], "active", held=0)
    return (
        f"{before} failures, suspended, told through SNS, enabled, {len(came)} held came as {came}"
    )


def waited_between(tries: list[Any]) -> None:
    """Each delivery's next try came after its wait of a second, never before."""
    last: dict[str, float] = {}
    for letter in tries:
        waited = letter.at - last.get(letter.id, 0)
        check(waited >= 0.9, f"a delivery was tried again after {waited:.2f} s")
        last[letter.id] = letter.at


def all_came(world: World, before: int) -> list[int] | None:
    """The orders in the letters after the first `before`, once all are there."""
    steps = [int(letter.json["data"]["step"]) for letter in world.receiver.at("shop")[before:]]
    return steps if len(steps) >= len(ORDERS) else None
