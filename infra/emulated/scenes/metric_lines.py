"""Metrics as lines: what the other scenes made happen has been counted, in the right namespace.

The emulator makes no metrics of these lines; shown is that they are written, and well formed.
"""

from typing import Any

import logs
from until import until
from world import World, check

# Every metric of infra/docs/LOGS.md but three: the hour's sweep and a clock that is off do not come
# here, and a table that is not there is an answer, not a service that is unavailable.
WRITTEN = {
    *("WebhooksAccepted", "WebhooksRefused", "WebhooksProcessed", "WebhooksPutAside"),
    *("ProcessingDelay", "EventsDispatched", "DeliveriesMade", "DeliveriesEnded", "DeliveriesHeld"),
    *("DeliveriesRungAgain", "DeliveryDelay", "Attempts", "AttemptMilliseconds"),
    *("EndpointsSuspended", "OldestDueSeconds", "TallyLagMilliseconds"),
}


def prepare(_world: World) -> None:
    """Nothing is needed: the other scenes have made the lines."""


def play(world: World, _made: None) -> str:
    refused = world.api.send(f"http://{world.api.host}/in/nobody", b"{}")
    check(refused.status == 404, f"an ingest URL of nobody's answered {refused.status}")
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
    for told in line.get("_aws", {}).get("CloudWatchMetrics", []):
        check(told["Namespace"] == "Gancho", f"a metric in {told['Namespace']}")
        dimensions = [name for each in told["Dimensions"] for name in each]
        metrics = [each["Name"] for each in told["Metrics"]]
        lost = [name for name in (*dimensions, *metrics) if name not in line]
        check(not lost, f"a line names {lost} and has no value of it")
        check(line["Stage"] == "dev", f"the stage is {line['Stage']}")
        found |= set(metrics)
    return found
