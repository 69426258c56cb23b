"""A message whose handling fails: partial batch failure, redrive, dead letter, re-enqueue.

The function *deliver* fails because its environment names a table that does not exist. Such a
failure is never counted against the endpoint. The scene shortens the queue's visibility timeout and
its receives by API: the template's 120 s and five receives would take ten minutes. It also invokes
the schedule that reads the dead letters with the rule's own input instead of waiting for it.
"""

import json
from typing import Any

from deploy import Stack
from until import until
from world import World, check

EVENT = "order.paid"
PATIENCE = {"VisibilityTimeout": "2"}
RECEIVES = 2


def prepare(world: World) -> dict[str, Any]:
    """Creates an endpoint that always succeeds."""
    return world.endpoint("bank", EVENT)


def play(world: World, calm: dict[str, Any]) -> str:
    stack = world.stack
    shorten(stack)
    whole = stack.set_variables("Deliver", TABLE_DELIVERIES="nowhere")
    world.publish(EVENT, "PED-3", {"step": 1})
    attempt = stack.names["DeliverAttempt"]
    partial = until("the message fails in part", lambda: failed_in_part(stack, attempt))
    until("suspension reads the dead letter", lambda: read_dead_letters(stack) == 1, 60)
    check(not world.receiver.at("bank"), "a request was sent without a stored attempt")
    stack.set_variables("Deliver", **whole)
    until("the re-enqueued message is handled", lambda: world.receiver.at("bank"), 60)
    sent = world.arrived(calm["id"])[0]
    check(sent["attempts"] == 1, f"the failure was counted against the endpoint: {sent}")
    check(len(world.receiver.at("bank")) == 1, "it was sent more than once")
    return f"'{partial}' {RECEIVES} times, re-enqueued, delivered at the first attempt"


def shorten(stack: Stack) -> None:
    """Shortens the queue's visibility timeout and its number of receives."""
    sqs, url = stack.client("sqs"), stack.queue("DeliverQueue")
    dead_letters = stack.queue("DeliverDeadLetters")
    attributes = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{RECEIVES}}}'
    sqs.set_queue_attributes(QueueUrl=url, Attributes=PATIENCE | {"RedrivePolicy": redrive})


def result(stack: Stack, mapping: str) -> str:
    """The event source mapping's result of its last batch."""
    found: dict[str, Any] = stack.client("lambda").get_event_source_mapping(UUID=mapping)
    return str(found.get("LastProcessingResult", ""))


def failed_in_part(stack: Stack, mapping: str) -> str | None:
    """The mapping's result if the last response contained `batchItemFailures`."""
    last = result(stack, mapping)
    return last if "1 partial failures" in last else None


def read_dead_letters(stack: Stack) -> int:
    """Invokes *suspension* with its rule's input; returns the number of handled dead letters."""
    rule = stack.names["SuspensionDeadLetters"]
    targets = stack.client("events").list_targets_by_rule(Rule=rule.rsplit("/", 1)[-1])
    target = targets["Targets"][0]
    name = target["Arn"].rsplit(":", 1)[-1]
    response = stack.client("lambda").invoke(FunctionName=name, Payload=target["Input"])
    answer: dict[str, int] = json.loads(response["Payload"].read())
    return answer["dealt_with"]
