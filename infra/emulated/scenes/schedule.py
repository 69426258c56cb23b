"""The schedule: a suspended endpoint's probe is parked, and the timers enqueue it.

The scene begins before the others and is checked after them: it waits for the next minute.
"""

from typing import Any

from until import until
from world import IMPATIENT, World, check

EVENT = "order.returned"
REST = 10


def prepare(world: World) -> dict[str, Any]:
    """Creates an endpoint that is suspended at its first failure and probed later."""
    suspension = {"scope": "endpoint", "trip": {"streak": {"failures": 1}}, "probe_after": REST}
    return world.endpoint("store", EVENT, IMPATIENT | {"suspension": suspension})


def begin(world: World, endpoint: dict[str, Any]) -> None:
    """Waits until the endpoint is suspended, then lets it work again."""
    # A process of an earlier minute caches the list of workspaces for ten minutes: restart it.
    world.stack.set_variables("Suspension")
    world.receiver.answer("store", 500)
    world.publish(EVENT, "PED-5", {"step": 1})
    stopped = world.in_state(endpoint["id"], "suspended", held=1)
    check(stopped["stopped"]["probe_at"] is not None, f"no probe is planned: {stopped['stopped']}")
    world.receiver.answer("store", 200)


def play(world: World, endpoint: dict[str, Any]) -> str:
    """Checks that the probe was sent on its own and that the held delivery arrived."""
    world.in_state(endpoint["id"], "active", seconds=150)
    until("the held delivery arrives", lambda: len(world.receiver.at("store")) >= 2)
    first, probe = world.receiver.at("store")[:2]
    check(first.id == probe.id, "the probe was another delivery than the held one")
    waited = probe.at - first.at
    check(waited >= REST - 1, f"probed after {waited:.0f} s")
    return (
        f"the timers enqueued the probe {waited:.0f} s after the suspension, and the gate is open"
    )
