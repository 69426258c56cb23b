"""The schedule: a suspended endpoint's probe is parked, and the minute rings it.

It is begun before the other scenes and looked at after them: a minute takes a minute there as well.
"""

from typing import Any

from until import until
from world import IMPATIENT, World, check

EVENT = "order.returned"
REST = 10


def prepare(world: World) -> dict[str, Any]:
    """An endpoint that is suspended at its first failure and probed later."""
    suspension = {"scope": "endpoint", "trip": {"streak": {"failures": 1}}, "probe_after": REST}
    return world.endpoint("store", EVENT, IMPATIENT | {"suspension": suspension})


def begin(world: World, made: dict[str, Any]) -> None:
    """It is suspended, and works again."""
    # A process that was started by an earlier minute keeps the list of workspaces for ten of them.
    world.stack.set_variables("Suspension")
    world.receiver.answer("store", 500)
    world.publish(EVENT, "PED-5", {"step": 1})
    stopped = world.in_state(made["id"], "suspended", held=1)
    check(stopped["stopped"]["probe_at"] is not None, f"no probe is planned: {stopped['stopped']}")
    world.receiver.answer("store", 200)


def play(world: World, made: dict[str, Any]) -> str:
    """The probe went out by itself, and what was held arrived."""
    world.in_state(made["id"], "active", seconds=150)
    until("what was held arrives", lambda: len(world.receiver.at("store")) >= 2)
    first, probe = world.receiver.at("store")[:2]
    check(first.id == probe.id, "the probe was another delivery than the held one")
    waited = probe.at - first.at
    check(waited >= REST - 1, f"probed after {waited:.0f} s")
    return (
        f"the minute rang the probe {waited:.0f} s after the suspension, and the endpoint is open"
    )
