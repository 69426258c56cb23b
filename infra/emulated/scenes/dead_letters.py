"""Bells whose handling fails on our side: partial batch failure, redrive, dead letters, rung again.

The deliver function is made to fail by naming a table that does not exist, which is ours to mend
and never the endpoint's fault. The queue's patience is shortened by API for it: the template's
visibility of 120 s and five receives would take ten minutes. For the same reason the schedule that
reads the dead letters is not waited for: its event is sent by hand, as the rule has it.
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
    """An endpoint that has nothing to do with what goes wrong."""
    return world.endpoint("bank", EVENT)


def play(world: World, calm: dict[str, Any]) -> str:
    stack = world.stack
    shorten(stack)
    whole = stack.set_variables("Deliver", TABLE_DELIVERIES="nowhere")
    world.publish(EVENT, "PED-3", {"step": 1})
    attempt = stack.names["DeliverAttempt"]
    partial = until("the bell's handling fails in part", lambda: failed_in_part(stack, attempt))
    until("suspension reads the dead letter", lambda: read_letters(stack) == 1, 60)
    check(not world.receiver.at("bank"), "something was sent while nothing could be written")
    stack.set_variables("Deliver", **whole)
    until("the bell that was rung again is followed", lambda: world.receiver.at("bank"), 60)
    sent = world.arrived(calm["id"])[0]
    check(sent["attempts"] == 1, f"the endpoint is charged for it: {sent}")
    check(len(world.receiver.at("bank")) == 1, "it was sent more than once")
    return f"'{partial}' {RECEIVES} times, its letter rung again, delivered at the first attempt"


def shorten(stack: Stack) -> None:
    """The queue's visibility and how often a bell may be received."""
    sqs, url = stack.client("sqs"), stack.queue("DeliverQueue")
    letters = stack.queue("DeliverDeadLetters")
    asked = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{RECEIVES}}}'
    sqs.set_queue_attributes(QueueUrl=url, Attributes=PATIENCE | {"RedrivePolicy": redrive})


def result(stack: Stack, mapping: str) -> str:
    """What the event source mapping says of its last batch."""
    asked: dict[str, Any] = stack.client("lambda").get_event_source_mapping(UUID=mapping)
    return str(asked.get("LastProcessingResult", ""))


def failed_in_part(stack: Stack, mapping: str) -> str | None:
    """The mapping's word for a batch that was answered with `batchItemFailures`."""
    said = result(stack, mapping)
    return said if "1 partial failures" in said else None


def read_letters(stack: Stack) -> int:
    """What the schedule of dead letters sends; how many were dealt with."""
    rule = stack.names["SuspensionRingAgain"]
    asked = stack.client("events").list_targets_by_rule(Rule=rule.rsplit("/", 1)[-1])
    target = asked["Targets"][0]
    name = target["Arn"].rsplit(":", 1)[-1]
    said = stack.client("lambda").invoke(FunctionName=name, Payload=target["Input"])
    answer: dict[str, int] = json.loads(said["Payload"].read())
    return answer["dealt_with"]
