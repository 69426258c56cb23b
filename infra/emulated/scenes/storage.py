"""A missing table: a webhook is deferred to the retry queue; a stream's batch is delivered again.

The functions' environment names a table that does not exist, and afterwards the right one. The
scene shortens the retry queue's visibility timeout, which is 180 s in the template.
"""

from typing import Any

from until import until
from world import World, check

from scenes.arrival import finished, integration
from scenes.dead_letters import failed_in_part, result

EVENT = "order.refunded"
BODY = b'{"nome": "Rui Prado", "e_mail": "rui.prado@example.com", "pedido": "PED-6"}'


def prepare(world: World) -> dict[str, Any]:
    """Creates an integration and an endpoint."""
    return {"url": integration(world, "Feira"), "endpoint": world.endpoint("refunds", EVENT)["id"]}


def play(world: World, prepared: dict[str, Any]) -> str:
    defer_webhook(world, prepared["url"])
    redeliver_batch(world, prepared["endpoint"])
    return "a deferred webhook was a success; an event whose dispatch failed arrived once"


def defer_webhook(world: World, url: str) -> None:
    """Inbound: the stream continues, and the webhook waits in the retry queue."""
    stack = world.stack
    queue = stack.queue("ProcessRetryQueue")
    stack.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "2"})
    whole = stack.set_variables("Process", TABLE_CRM="nowhere")
    webhook = world.api.send(url, BODY, content_type="application/json").body["id"]
    until("it is deferred and fails", lambda: failed_in_part(stack, stack.names["ProcessRetry"]))
    shown = world.api.get(f"/v1/origins/{world.origin}/webhooks/{webhook}")
    check(shown["status"] == "pending", f"it is {shown['status']} while nothing can be written")
    stack.set_variables("Process", **whole)
    done = finished(world, webhook)
    check(done["status"] == "success", f"it ended as {done['status']}: {done['error']}")
    check(len(done["runs"]) == 1, f"it was run {len(done['runs'])} times")


def redeliver_batch(world: World, endpoint: str) -> None:
    """Outbound: the stream waits until the deliveries of an event can be written."""
    stack = world.stack
    whole = stack.set_variables("Dispatch", TABLE_DELIVERIES="nowhere")
    world.publish(EVENT, "PED-6", {"step": 1})
    mapping = stack.names["DispatchHappened"]
    until("the stream's batch fails", lambda: result(stack, mapping) == "FAILED")
    check(not world.receiver.at("refunds"), "a request was sent without a stored delivery")
    stack.set_variables("Dispatch", **whole)
    until("the event arrives", lambda: world.receiver.at("refunds"), 60)
    world.arrived(endpoint)
    check(len(world.receiver.at("refunds")) == 1, "it was sent more than once")
