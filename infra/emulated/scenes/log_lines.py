"""One log line for each step of a webhook, found by its id; no line contains a secret."""

from typing import Any

import logs
from until import until
from world import World, check

# Lines that AWS writes around an invocation.
PLATFORM = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
# The log group and the message of each step, as in infra/docs/LOGS.md.
STEPS = {
    "IngestLogs": "webhook accepted",
    "ProcessLogs": "webhook processed",
    "DispatchLogs": "event dispatched",
    "DeliverLogs": "attempt made",
}
IDS = ("webhook.id", "event.id", "delivery.id", "attempt.number")
# Messages that the other scenes caused in *suspension*.
OTHERS = {"message dead-lettered", "gate changed"}


def prepare(_world: World) -> None:
    """Needs nothing: the other scenes have caused the lines."""


def play(world: World, _prepared: None) -> str:
    delivery = world.receiver.at("erp")[0].id
    attempt = until("the attempt is in the logs", lambda: attempt_of(world, delivery))
    check(
        all(name in attempt for name in IDS), f"the line of an attempt has only {sorted(attempt)}"
    )
    for group, message in STEPS.items():
        found = logs.lines(world.stack, group)
        mine = [each for each in found if each.get("webhook.id") == attempt["webhook.id"]]
        messages = {str(each.get("message")) for each in mine}
        check(message in messages, f"{group} has only {sorted(messages)} of the webhook")
    messages = {str(each.get("message")) for each in logs.lines(world.stack, "SuspensionLogs")}
    check(messages >= OTHERS, f"suspension logged only {sorted(messages)}")
    count = sum(clean(world, group) for group in logs.groups(world.stack))
    return f"one webhook id in every step; no secret in {count} lines"


def attempt_of(world: World, delivery: str) -> dict[str, Any] | None:
    """The log line of an attempt of that delivery."""
    found = logs.lines(world.stack, "DeliverLogs")
    mine = [each for each in found if each.get("delivery.id") == delivery]
    return next((each for each in mine if each.get("message") == "attempt made"), None)


def clean(world: World, group: str) -> int:
    """Checks that each line of a group is JSON, without secret or panic; returns their number."""
    found = logs.text(world.stack, group)
    odd = [line for line in found if not line.startswith(PLATFORM) and logs.read(line) is None]
    check(not odd, f"{group} has a line that is not JSON: {odd[:1]}")
    leaked = [secret for secret in world.secrets() if any(secret in line for line in found)]
    check(not leaked, f"{group} contains {len(leaked)} secrets")
    check(not any("panicked" in line for line in found), f"{group} contains a panic")
    return len(found)
