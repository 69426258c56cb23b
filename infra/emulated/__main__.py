"""Deploys template.yaml to an emulated AWS and drives what was deployed, as people and machines do.

    python infra/emulated <repository> <binaries> <sam> <scratch>

Everything it starts ends with it, whether it passes, fails or is interrupted.
"""

import os
import secrets
import shutil
import signal
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import boto3.exceptions
import botocore.exceptions
import built
import routes
import world
from api import Api, WrongAnswer
from deploy import Stack, deploy, let_out
from emulator import Emulator, EmulatorError, empty
from receiver import Receiver
from scenes import (
    arrival,
    dead_letters,
    failing,
    keys,
    log_lines,
    metric_lines,
    order,
    schedule,
    storage,
)
from standardwebhooks.webhooks import WebhookVerificationError
from until import TooLate

T = TypeVar("T")

# What says in a line what went wrong; anything else says where, too.
TROUBLE = (
    EmulatorError,
    WrongAnswer,
    TooLate,
    world.Unexpected,
    WebhookVerificationError,
    OSError,
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
    boto3.exceptions.Boto3Error,
)

# The schedule takes its minute while the others are played.
SCENES = (keys, arrival, failing, dead_letters, order, storage, schedule, log_lines, metric_lines)


class Interrupted(Exception):
    """Somebody asked for the end."""


def main(repository: Path, binaries: Path, sam: Path, scratch: Path) -> None:
    template = repository / "template.yaml"
    empty(scratch)
    made = step("built", lambda: built.make(template, binaries, scratch / "built"))
    emulator = Emulator(scratch, built.resource_types(built.read(template)))
    try:
        step("emulator", emulator.wait_until_ready)
        play(emulator, sam, made)
    except Exception:
        logs = [scratch / name for name in ("sam.log", "ministack.log")]
        kept = scratch.with_suffix(".log")
        kept.write_bytes(b"".join(log.read_bytes() for log in logs if log.exists()))
        print(f"    what sam and the emulator wrote is in {kept}", flush=True)
        raise
    finally:
        emulator.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def play(emulator: Emulator, sam: Path, template: Path) -> None:
    """Deploys, then plays the scenes in order; the first that is not as it should be ends it."""
    owner_key = f"gk_owner_{secrets.token_hex(24)}"
    stack = step("sam deploy", lambda: deploy(sam, template, emulator, owner_key))
    for line in emulator.unknown_types():
        say("kept as written, the emulator does nothing for it", line)
    step("routes", lambda: make_routes(stack, emulator.api_body()))
    host = f"{stack.names['Api']}.execute-api.localhost:{emulator.port}"
    with Receiver() as receiver:
        around = world.make(stack, Api(emulator.port, host), receiver, owner_key)
        let_out(stack)
        # Rules are kept in memory for seconds: all are there before the first event.
        made = {scene: scene.prepare(around) for scene in SCENES}
        step("a probe is planned", lambda: schedule.begin(around, made[schedule]))
        for scene in SCENES:
            name = scene.__name__.removeprefix("scenes.")
            step(name, partial(scene.play, around, made[scene]))


def make_routes(stack: Stack, body: dict[str, Any]) -> str:
    """Makes the routes, and once more, to the same end."""
    made = routes.add(stack, body)
    again = routes.add(stack, body)
    world.check(again == 0, f"{again} routes were made a second time")
    return f"{made} of them"


def step(name: str, act: Callable[[], T]) -> T:
    """Does it and says how long it took, and what it saw."""
    begun = time.monotonic()
    done = act()
    took = f"{time.monotonic() - begun:.1f} s"
    say(name, f"{took}  {done}" if isinstance(done, str) else took)
    return done


def say(name: str, what: str) -> None:
    print(f"    {name}: {what}", flush=True)


def interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(f"interrupted by {signal.Signals(number).name}")


def end_with_parent() -> None:
    """Where standard input is a pipe, its end is the end of whoever started this."""
    # Not by sys.stdin: Python cannot end while a thread waits inside that.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=end_with_parent, daemon=True).start()
    for asked in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(asked, interrupt)
    try:
        main(*(Path(argument).resolve() for argument in sys.argv[1:5]))
    except (Interrupted, *TROUBLE) as trouble:
        sys.exit(f"emulated: {trouble}")
    except Exception as fault:
        traceback.print_exc()
        sys.exit(f"emulated: {type(fault).__name__}: {fault}")
