"""The functions' logs, read from the log groups that the template names."""

import json
from typing import Any

from deploy import Stack


def groups(stack: Stack) -> list[str]:
    """The functions' log groups, as the template names them."""
    return sorted(name for name in stack.names if name.endswith("Logs") and name != "ApiLogs")


def text(stack: Stack, group: str) -> list[str]:
    """Every line of a group."""
    pages = stack.client("logs").get_paginator("filter_log_events")
    found: list[str] = []
    for page in pages.paginate(logGroupName=stack.names[group]):
        for event in page["events"]:
            found += [line for line in event["message"].splitlines() if line]
    return found


def lines(stack: Stack, group: str) -> list[dict[str, Any]]:
    """The lines of a group that are JSON objects."""
    return [found for line in text(stack, group) if (found := read(line)) is not None]


def read(line: str) -> dict[str, Any] | None:
    """Parses a line; `None` unless it is a JSON object."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
