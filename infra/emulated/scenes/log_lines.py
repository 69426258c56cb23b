"""One webhook's whole road by its id, a line a step; and nothing that is secret in any line."""

from typing import Any

import logs
from until import until
from world import World, check

# What AWS itself writes around an invocation.
PLATFORM = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
# The road as infra/docs/LOGS.md tells it: which group has which line of a webhook.
ROAD = {
    "IngestLogs": "webhook accepted",
    "ProcessLogs": "webhook processed",
    "DispatchLogs": "event dispatched",
    "DeliverLogs": "attempt made",
}
IDS = ("webhook.id", "event.id", "delivery.id", "attempt.number")
# What the other scenes have made happen besides.
BESIDES = {"message dead-lettered", "gate changed"}


def prepare(_world: World) -> None:
    """Nothing is needed: the other scenes have made the lines."""


def play(world: World, _made: None) -> str:
    delivery = world.receiver.at("erp")[0].id
    attempt = until("the attempt is in the logs", lambda: attempt_of(world, delivery))
    check(
        all(name in attempt for name in IDS), f"the line of an attempt has only {sorted(attempt)}"
    )
    for group, message in ROAD.items():
        found = logs.lines(world.stack, group)
        mine = [each for each in found if each.get("webhook.id") == attempt["webhook.id"]]
        said = {str(each.get("message")) for each in mine}
        check(message in said, f"{group} says of the webhook only {sorted(said)}")
    said = {str(each.get("message")) for each in logs.lines(world.stack, "SuspensionLogs")}
    check(said >= BESIDES, f"suspension says only {sorted(said)}")
    count = sum(clean(world, group) for group in logs.groups(world.stack))
    return f"one id from sender to endpoint; no secret in {count} lines"


def attempt_of(world: World, delivery: str) -> dict[str, Any] | None:
    """The line about an attempt of that delivery."""
    found = logs.lines(world.stack, "DeliverLogs")
    mine = [each for each in found if each.get("delivery.id") == delivery]
    return next((each for each in mine if each.get("message") == "attempt made"), None)


def clean(world: World, group: str) -> int:
    """How many lines a group has: each is JSON, tells no secret and of no panic."""
    found = logs.text(world.stack, group)
    odd = [line for line in found if not line.startswith(PLATFORM) and logs.read(line) is None]
    check(not odd, f"{group} has a line that is no JSON: {odd[:1]}")
    told = [secret for secret in world.secrets() if any(secret in line for line in found)]
    check(not told, f"{group} tells {len(told)} secrets")
    check(not any("panicked" in line for line in found), f"a function panicked, says {group}")
    return len(found)
