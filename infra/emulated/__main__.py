"""Deploys template.yaml to an emulated AWS and runs the scenes against the deployment.

    python infra/emulated <repository> <binaries> <sam> <scratch>

Every process that it starts ends with it, whether it passes, fails or is interrupted.
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
from deploy import Stack, allow_receiver, deploy
from emulator import Emulator, EmulatorError, empty
from receiver import Receiver
from scenes import (
    arrival,
    console,
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

# Errors that are printed as one line. Any other is printed with its traceback.
EXPECTED_ERRORS = (
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

# `schedule` begins before the others and is checked after them: it waits for the next minute.
SCENES = (
    keys,
    console,
    arrival,
    failing,
    dead_letters,
    order,
    storage,
    schedule,
    log_lines,
    metric_lines,
)


class Interrupted(Exception):
    """A signal ends this process."""


def main(repository: Path, binaries: Path, sam: Path, scratch: Path) -> None:
    template = repository / "template.yaml"
    empty(scratch)
    package = step("built", lambda: built.make(template, binaries, scratch / "built"))
    emulator = Emulator(scratch, built.resource_types(built.read(template)))
    try:
        step("emulator", emulator.wait_until_ready)
        play(emulator, sam, package, repository / "functions/console/web/dist")
    except Exception:
        logs = [scratch / name for name in ("sam.log", "ministack.log")]
        kept = scratch.with_suffix(".log")
        kept.write_bytes(b"".join(log.read_bytes() for log in logs if log.exists()))
        print(f"    the output of sam and of the emulator is in {kept}", flush=True)
        raise
    finally:
        emulator.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def play(emulator: Emulator, sam: Path, template: Path, pages: Path) -> None:
    """Deploys, then runs the scenes in order, up to the first that fails."""
    owner_key = f"gk_owner_{secrets.token_hex(24)}"
    stack = step("sam deploy", lambda: deploy(sam, template, emulator, owner_key))
    for line in emulator.unknown_types():
        say("stored as written, without effect", line)
    step("routes", lambda: create_routes(stack, emulator.api_body()))
    host = f"{stack.names['Api']}.execute-api.localhost:{emulator.port}"
    with Receiver() as receiver:
        surroundings = world.make(stack, Api(emulator.port, host), receiver, owner_key)
        allow_receiver(stack)
        console.serve_pages(stack, pages)
        # Rules are cached for seconds: all of them exist before the first event.
        prepared = {scene: scene.prepare(surroundings) for scene in SCENES}
        step("a probe is planned", lambda: schedule.begin(surroundings, prepared[schedule]))
        for scene in SCENES:
            name = scene.__name__.removeprefix("scenes.")
            step(name, partial(scene.play, surroundings, prepared[scene]))


def create_routes(stack: Stack, body: dict[str, Any]) -> str:
    """Creates the routes, then checks that a second run creates none."""
    created = routes.add(stack, body)
    again = routes.add(stack, body)
    world.check(again == 0, f"{again} routes were created a second time")
    return f"{created} created"


def step(name: str, act: Callable[[], T]) -> T:
    """Runs `act`; prints its time, and its result if that is a string."""
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
    """Ends this process when standard input closes: the process that started it has ended."""
    # Not sys.stdin: Python cannot end while a thread waits in it.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=end_with_parent, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        main(*(Path(argument).resolve() for argument in sys.argv[1:5]))
    except (Interrupted, *EXPECTED_ERRORS) as error:
        sys.exit(f"emulated: {error}")
    except Exception as error:
        traceback.print_exc()
        sys.exit(f"emulated: {type(error).__name__}: {error}")
