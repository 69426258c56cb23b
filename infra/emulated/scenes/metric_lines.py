"""Metrics in log lines: the events of the other scenes are counted, in the right namespace.

The emulator creates no metrics from the lines; the scene checks that they are well formed.
"""

from typing import Any

import logs
from until import until
from world import World, check

# Every metric of infra/docs/LOGS.md except three: no sweep runs here, no clock is wrong, and a
# missing table does not count as an unavailable service.
WRITTEN = {
    *("WebhooksAccepted", "WebhooksRefused", "WebhooksProcessed", "WebhooksDeferred"),
    *("ProcessingDelay", "EventsDispatched", "DeliveriesMade", "DeliveriesEnded", "DeliveriesHeld"),
    *("DeliveriesRedriven", "DeliveryDelay", "Attempts", "AttemptMilliseconds"),
    *("EndpointsSuspended", "TimerLagSeconds", "TallyLagMilliseconds"),
}


def prepare(_world: World) -> None:
    """Needs nothing: the other scenes have caused the lines."""


def play(world: World, _prepared: None) -> str:
    refused = world.api.send(f"http://{world.api.host}/in/nobody", b"{}")
    check(refused.status == 404, f"an unknown ingest URL answered {refused.status}")
    until("the refusal is counted", lambda: "WebhooksRefused" in names(world))
    found = names(world)
    check(found >= WRITTEN, f"no line has {sorted(WRITTEN - found)}")
    return f"{len(found)} metrics in lines"


def names(world: World) -> set[str]:
    """The metrics in the logs' lines, each with a value of its own in its line."""
    found: set[str] = set()
    for group in logs.groups(world.stack):
        for line in logs.lines(world.stack, group):
            found |= metrics(line)
    return found


def metrics(line: dict[str, Any]) -> set[str]:
    """The metrics that a line in the embedded metric format names."""
    found: set[str] = set()
    for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
        check(directive["Namespace"] == "Gancho", f"a metric in {directive['Namespace']}")
        dimensions = [name for each in directive["Dimensions"] for name in each]
        metrics = [each["Name"] for each in directive["Metrics"]]
        lost = [name for name in (*dimensions, *metrics) if name not in line]
        check(not lost, f"a line names {lost} and has no value of it")
        check(line["Stage"] == "dev", f"the stage is {line['Stage']}")
        found |= set(metrics)
    return found
