"""Runs ministack with six corrections.

- It ends its process group when the process that started it ends: standard input is a pipe that
  only that process holds open.
- It stores saved queries as written, without effect. ministack does not know the type and rejects
  the template. The stored types are listed in `taught.txt`, in the folder of the first argument.
  Any other unknown type is still rejected.
- It writes the OpenAPI body of the HTTP API to `body.json`, with every reference and condition
  resolved. ministack ignores the body; `routes.py` creates the routes.
- It gives SAM's transform the stack's parameters, as CloudFormation does. ministack gives it none,
  so that `Ref` becomes the default.
- The filter `{"busy":{"N":[{"exists":false}]}}` matches a record without `busy`, as in the rules of
  EventBridge, which Lambda's filters follow. ministack requires every node of the path.
- A stream's batch whose reader answers with `batchItemFailures` is delivered again. ministack
  continues as if it had been handled. Lambda begins at the first failed record; this delivers the
  whole batch.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.app import main
from ministack.services import lambda_svc
from ministack.services.cloudformation import changesets, engine, handlers, provisioners
from samtranslator.translator import transform

HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
# Stored as written: saved queries have an effect in a real account only.
KEPT = {"AWS::Logs::QueryDefinition"}
HTTP_API = "AWS::ApiGatewayV2::Api"


def end_with_parent() -> None:
    """Waits until standard input closes, then ends the process group."""
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def keep(logical_id: str, _props: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    """Creates a resource that is stored without effect."""
    return f"{stack}-{logical_id}", {}


def forget(_physical_id: str, _props: dict[str, Any]) -> None:
    """Deletes nothing: `keep` creates nothing."""


def teach(types: list[str]) -> list[str]:
    """Stores the types in `KEPT` that ministack does not know; returns those of `types`."""
    unknown = sorted(KEPT.intersection(types) - HANDLERS.keys())
    for name in unknown:
        HANDLERS[name] = {"create": keep, "delete": forget}
    return unknown


def record_body(file: Path) -> None:
    """Writes the body of the HTTP API that is created to `file`."""
    make = HANDLERS[HTTP_API]["create"]

    def create(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        file.write_text(json.dumps(props.get("Body", {})))
        return make(logical_id, props, stack)

    HANDLERS[HTTP_API]["create"] = create


def teach_absence() -> None:
    """Treats a node of a filter's pattern that the record lacks as a node without leaves."""
    match = lambda_svc._match_esm_filter

    def whole_paths(record: dict[str, Any], pattern: dict[str, Any]) -> bool:
        empty: dict[str, Any] = {
            key: {} for key, inside in pattern.items() if isinstance(inside, dict)
        }
        # The original recurses through the module's name, which is this function.
        return bool(match(empty | record, pattern))

    lambda_svc._match_esm_filter = whole_paths


def teach_partial_failures() -> None:
    """Delivers a stream's partly failed batch again. ministack does so for queues already."""
    invoke = lambda_svc._execute_function

    def execute(function: dict[str, Any], event: Any, *rest: Any, **named: Any) -> dict[str, Any]:
        result: dict[str, Any] = invoke(function, event, *rest, **named)
        if of_a_stream(event) and failures(result):
            error = {"errorType": "PartialBatchFailure", "errorMessage": str(failures(result))}
            return result | {"error": True, "body": error}
        return result

    lambda_svc._execute_function = execute


def teach_parameters() -> None:
    """Gives SAM's transform the stack's parameters."""
    parameters: dict[str, str] = {}
    make = transform.transform

    def with_parameters(template: Any, _none: dict[str, str], policies: Any) -> Any:
        return make(template, dict(parameters), policies)

    def recording(apply: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(template: Any, provided: Any = None, previous: Any = None) -> Any:
            parameters.update(engine._transform_parameters(template, provided, previous))
            return apply(template, provided, previous)

        return recorded

    transform.transform = with_parameters
    for module in (changesets, handlers):
        module._apply_transforms = recording(module._apply_transforms)


def of_a_stream(event: Any) -> bool:
    """`True` for a batch of a table's stream."""
    records = event.get("Records") if isinstance(event, dict) else None
    return bool(records) and records[0].get("eventSource") == "aws:dynamodb"


def failures(result: dict[str, Any]) -> list[Any]:
    """The `batchItemFailures` of a response."""
    body = result.get("body")
    return list(body.get("batchItemFailures", [])) if isinstance(body, dict) else []


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    folder, taught = Path(sys.argv[1]), Path(sys.argv[1]) / "taught.txt"
    names = [name for name in sys.argv[2:] if not name.startswith("AWS::Serverless::")]
    taught.write_text("".join(f"{name}\n" for name in teach(names)))
    record_body(folder / "body.json")
    teach_parameters()
    teach_absence()
    teach_partial_failures()
    sys.argv = sys.argv[:1]
    main()
