"""Bounded waiting for a condition, by polling."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TooLate(Exception):
    """The condition did not hold in time."""


def until(what: str, ask: Callable[[], T | None], seconds: float = 40) -> T:
    """Calls `ask` until it returns something truthy, and returns that."""
    end = time.monotonic() + seconds
    while True:
        if found := ask():
            return found
        if time.monotonic() >= end:
            raise TooLate(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.25)
