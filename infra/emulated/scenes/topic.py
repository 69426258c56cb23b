"""Notices, read through a queue that is subscribed to their topic."""

import json
from typing import Any

from deploy import Stack
from until import until


class Mailbox:
    """Reads the topic through a queue of its own."""

    def __init__(self, stack: Stack) -> None:
        self._sqs = stack.client("sqs")
        self._url = self._sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        topic = stack.names["NoticesTopic"]
        stack.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.seen: list[dict[str, Any]] = []

    def wait(self, workspace: str, kind: str) -> dict[str, Any]:
        """Waits for the first notice of that kind for that workspace."""

        def ask() -> dict[str, Any] | None:
            got = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
            for message in got.get("Messages", []):
                self.seen.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return next((each for each in self.seen if _is(each, workspace, kind)), None)

        return until(f"a notice of the kind {kind}", ask)


def _is(message: dict[str, Any], workspace: str, kind: str) -> bool:
    attributes = {name: each["Value"] for name, each in message["MessageAttributes"].items()}
    return attributes == {"workspace": workspace, "kind": kind}
