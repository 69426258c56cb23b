"""An ordered endpoint: messages of one FIFO group; a retry waits by the message's visibility."""

from typing import Any

from until import until
from world import World, check

EVENT = "order.billed"
STEPS = [1, 2, 3, 4, 5]
WAIT = 2


def prepare(world: World) -> dict[str, Any]:
    """Creates an ordered endpoint: one event at a time."""
    policy = {"waits": [WAIT] * 5, "jitter_percent": 0, "order": "skip", "suspension": None}
    return world.endpoint("ledger", EVENT, policy)


def play(world: World, ledger: dict[str, Any]) -> str:
    world.receiver.answer("ledger", 503)
    for step in STEPS:
        world.publish(EVENT, "PED-4", {"step": step})
    until("the first is retried", lambda: len(world.receiver.at("ledger")) >= 2)
    failed = world.receiver.at("ledger")
    check(
        {captured.json["data"]["step"] for captured in failed} == {1},
        "another event was sent before the first had ended",
    )
    waited = failed[1].at - failed[0].at
    check(waited >= WAIT - 0.1, f"the retry came after {waited:.2f} s")
    world.receiver.answer("ledger", 200)
    until("all arrive", lambda: len(came(world)) >= len(STEPS))
    check(came(world) == STEPS, f"they arrived as {came(world)}")
    world.arrived(ledger["id"], len(STEPS))
    check(came(world) == STEPS, "an event was sent twice")
    return f"the others waited for the first ({waited:.1f} s of visibility), then {came(world)}"


def came(world: World) -> list[int]:
    """The steps that were answered with 200, in the order of their arrival."""
    taken = [captured for captured in world.receiver.at("ledger") if captured.answered == 200]
    return [int(captured.json["data"]["step"]) for captured in taken]
