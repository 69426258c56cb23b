"""Waiting for what becomes true: asked again and again, and never for longer than a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TooLate(Exception):
    """It did not become true in time."""


def until(what: str, ask: Callable[[], T | None], seconds: float = 40) -> T:
    """What `ask` gives once that is neither nothing nor empty."""
    end = time.monotonic() + seconds
    while True:
        if found := ask():
            return found
        if time.monotonic() >= end:
            raise TooLate(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.25)
