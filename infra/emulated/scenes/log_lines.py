"""What the functions wrote: one webhook's whole road by its ids, and nothing that is secret.

The lines are read from the log groups that the template names, as an operator reads them.
"""

import json
from typing import Any

from until import until
from world import World, check

# What AWS itself writes around an invocation.
PLATFORM = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
ROAD = ("webhook.id", "event.id", "delivery.id", "attempt.number")


def prepare(_world: World) -> None:
    """Nothing is needed: the other scenes have made the lines."""


def play(world: World, _made: None) -> str:
    letter = world.receiver.at("erp")[0]
    until("the attempt is in the logs", lambda: attempt(world, letter.id))
    line = attempt(world, letter.id)
    check(all(name in line for name in ROAD), f"the line of an attempt says only {sorted(line)}")
    webhook = line["webhook.id"]
    processed = [each for each in lines(world, "ProcessLogs") if each.get("webhook.id") == webhook]
    check(bool(processed), f"no line of process names the webhook {webhook}")
    groups = sorted(
        name for name in world.stack.names if name.endswith("Logs") and name != "ApiLogs"
    )
    written = {name: text(world, name) for name in groups}
    for name, found in written.items():
        odd = [each for each in found if not each.startswith(PLATFORM) and not is_json(each)]
        check(not odd, f"{name} has a line that is no JSON: {odd[:1]}")
        told = [secret for secret in world.secrets() if any(secret in each for each in found)]
        check(not told, f"{name} tells a secret: {len(told)} of them")
        check(not any("panicked" in each for each in found), f"a function panicked, says {name}")
    count = sum(len(found) for found in written.values())
    return f"the whole road in one line; no secret in {count} lines of {len(groups)} groups"


def attempt(world: World, delivery: str) -> dict[str, Any]:
    """The line about an attempt of that delivery, once it is there."""
    found = [each for each in lines(world, "DeliverLogs") if each.get("delivery.id") == delivery]
    return next((each for each in found if "attempt.number" in each), {})


def lines(world: World, group: str) -> list[dict[str, Any]]:
    """The JSON lines of a log group."""
    return [json.loads(each) for each in text(world, group) if is_json(each)]


def text(world: World, group: str) -> list[str]:
    """Every line of a log group."""
    logs = world.stack.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=world.stack.names[group])
    return [
        line
        for page in pages
        for each in page["events"]
        for line in each["message"].splitlines()
        if line
    ]


def is_json(line: str) -> bool:
    """Whether a line is an object."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
