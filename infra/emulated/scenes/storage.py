"""A table is gone for a while: a webhook is put aside and processed later; a stream is read again.

The functions are told the name of a table that does not exist, and afterwards the right one. The
queue of what was put aside has the template's 180 s of visibility shortened for it.
"""

from typing import Any

from until import until
from world import World, check

from scenes.arrival import finished, integration
from scenes.dead_letters import failed_in_part, result

EVENT = "order.refunded"
BODY = b'{"nome": "Rui Prado", "e_mail": "rui.prado@example.com", "pedido": "PED-6"}'


def prepare(world: World) -> dict[str, Any]:
    """An integration, and an endpoint."""
    return {"url": integration(world, "Feira"), "endpoint": world.endpoint("refunds", EVENT)["id"]}


def play(world: World, made: dict[str, Any]) -> str:
    put_aside(world, made["url"])
    read_again(world, made["endpoint"])
    return "a webhook was put aside and then a success; an event whose dispatch failed came once"


def put_aside(world: World, url: str) -> None:
    """The road in: the stream goes on, the webhook waits in its queue."""
    stack = world.stack
    queue = stack.queue("ProcessRetryQueue")
    stack.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "2"})
    whole = stack.set_variables("Process", TABLE_CRM="nowhere")
    webhook = world.api.send(url, BODY, content_type="application/json").body["id"]
    until("it is put aside and fails", lambda: failed_in_part(stack, stack.names["ProcessRetry"]))
    shown = world.api.get(f"/v1/origins/{world.origin}/webhooks/{webhook}")
    check(shown["status"] == "pending", f"it is {shown['status']} while nothing can be written")
    stack.set_variables("Process", **whole)
    done = finished(world, webhook)
    check(done["status"] == "success", f"it ended as {done['status']}: {done['error']}")
    check(len(done["runs"]) == 1, f"it was run {len(done['runs'])} times")


def read_again(world: World, endpoint: str) -> None:
    """The road out: the stream waits until what comes of an event can be written."""
    stack = world.stack
    whole = stack.set_variables("Dispatch", TABLE_DELIVERIES="nowhere")
    world.publish(EVENT, "PED-6", {"step": 1})
    mapping = stack.names["DispatchHappened"]
    until("the stream's batch fails", lambda: result(stack, mapping) == "FAILED")
    check(not world.receiver.at("refunds"), "something was sent of what could not be written")
    stack.set_variables("Dispatch", **whole)
    until("the event arrives", lambda: world.receiver.at("refunds"), 60)
    world.arrived(endpoint)
    check(len(world.receiver.at("refunds")) == 1, "it was sent more than once")
