"""Runs ministack, with five things added.

It ends, with everything that it started, when whoever started it is gone: standard input is a pipe
that only that process holds open.

It takes saved queries, a type that it does not know and refuses: it keeps them as written and does
nothing for them. That is how the template is deployed as it is. What was taken in this way stands in
`taught.txt`, in the folder that the first argument names; any other unknown type is refused still.

It writes down the OpenAPI body of an HTTP API, of which it would make nothing, as `body.json`:
with every reference and condition of the template already followed. `routes.py` makes the routes.

SAM's transform is given the stack's parameters, as CloudFormation does; ministack gives it none,
and what it makes of `Ref` are then their defaults.

Its event filters see that `{"busy":{"N":[{"exists":false}]}}` holds where there is no `busy`.
EventBridge's rules, which Lambda's filters follow, look at whole paths to leaves; ministack wants
every node on the way to be there.

And a stream's reader that answers with `batchItemFailures` gets its batch again, where ministack
goes on as if it had been handled. The whole batch: Lambda would begin at the first that failed.
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
# Kept as written: who looks for a saved query finds it in an account only.
KEPT = {"AWS::Logs::QueryDefinition"}
HTTP_API = "AWS::ApiGatewayV2::Api"


def end_with_parent() -> None:
    """Waits for the end of the pipe, then ends the whole process group."""
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def keep(logical_id: str, _props: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    """A resource that is only written down."""
    return f"{stack}-{logical_id}", {}


def forget(_physical_id: str, _props: dict[str, Any]) -> None:
    """Nothing was made."""


def teach(types: list[str]) -> list[str]:
    """Those of `types` that ministack does not know, and that may be kept as written."""
    unknown = sorted(KEPT.intersection(types) - HANDLERS.keys())
    for name in unknown:
        HANDLERS[name] = {"create": keep, "delete": forget}
    return unknown


def note_body(note: Path) -> None:
    """The last HTTP API's body is written down."""
    make = HANDLERS[HTTP_API]["create"]

    def create(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        note.write_text(json.dumps(props.get("Body", {})))
        return make(logical_id, props, stack)

    HANDLERS[HTTP_API]["create"] = create


def teach_absence() -> None:
    """A node that a filter's pattern looks into and a record has not is one without leaves."""
    match = lambda_svc._match_esm_filter

    def whole_paths(record: dict[str, Any], pattern: dict[str, Any]) -> bool:
        empty: dict[str, Any] = {
            key: {} for key, inside in pattern.items() if isinstance(inside, dict)
        }
        # The original calls this one for what lies deeper: it goes by the module's name for it.
        return bool(match(empty | record, pattern))

    lambda_svc._match_esm_filter = whole_paths


def teach_partial_failures() -> None:
    """Of a stream's batch, what was not handled comes again. (Of a queue's, it does already.)"""
    invoke = lambda_svc._execute_function

    def execute(function: dict[str, Any], event: Any, *rest: Any, **named: Any) -> dict[str, Any]:
        result: dict[str, Any] = invoke(function, event, *rest, **named)
        if of_a_stream(event) and failures(result):
            told = {"errorType": "PartialBatchFailure", "errorMessage": str(failures(result))}
            return result | {"error": True, "body": told}
        return result

    lambda_svc._execute_function = execute


def teach_parameters() -> None:
    """The transform sees what `sam deploy` was told."""
    told: dict[str, str] = {}
    make = transform.transform

    def with_parameters(template: Any, _none: dict[str, str], policies: Any) -> Any:
        return make(template, dict(told), policies)

    def noting(apply: Callable[..., Any]) -> Callable[..., Any]:
        def noted(template: Any, provided: Any = None, previous: Any = None) -> Any:
            told.update(engine._transform_parameters(template, provided, previous))
            return apply(template, provided, previous)

        return noted

    transform.transform = with_parameters
    for module in (changesets, handlers):
        module._apply_transforms = noting(module._apply_transforms)


def of_a_stream(event: Any) -> bool:
    """Whether it is a batch of a table's stream."""
    records = event.get("Records") if isinstance(event, dict) else None
    return bool(records) and records[0].get("eventSource") == "aws:dynamodb"


def failures(result: dict[str, Any]) -> list[Any]:
    """What a reader's answer says was not handled."""
    body = result.get("body")
    return list(body.get("batchItemFailures", [])) if isinstance(body, dict) else []


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    folder, taught = Path(sys.argv[1]), Path(sys.argv[1]) / "taught.txt"
    names = [name for name in sys.argv[2:] if not name.startswith("AWS::Serverless::")]
    taught.write_text("".join(f"{name}\n" for name in teach(names)))
    note_body(folder / "body.json")
    teach_parameters()
    teach_absence()
    teach_partial_failures()
    sys.argv = sys.argv[:1]
    main()
