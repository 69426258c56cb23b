"""The emulated AWS: ministack on loopback, in a process group that ends with this process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import IO, Any

REGION = "us-east-1"
STARTER = Path(__file__).with_name("start_ministack.py")


class EmulatorError(Exception):
    """A failure of the emulator or of the deployment; the message is one line."""


class Emulator:
    """A running ministack. Its files and its log are below `scratch`."""

    def __init__(self, scratch: Path, resource_types: list[str]) -> None:
        self.port = free_port()
        # By name: a Host header that is an address makes the functions' HTTP adapter panic.
        self.endpoint = f"http://localhost:{self.port}"
        self._scratch = scratch
        self._log_file: IO[bytes] = (scratch / "ministack.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-B", str(STARTER), str(scratch), *resource_types],
            env=self._settings(scratch),
            cwd=scratch,
            # The starter ends its process group when this pipe closes, however this process ends.
            stdin=subprocess.PIPE,
            stdout=self._log_file,
            stderr=subprocess.STDOUT,
            process_group=0,
        )

    def _settings(self, scratch: Path) -> dict[str, str]:
        files = scratch / "files"
        files.mkdir()
        return client_settings(self.endpoint) | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            # The functions run as local processes; no container image is fetched.
            "LAMBDA_EXECUTOR": "local",
            "TMPDIR": str(files),
            "STATE_DIR": str(files),
            "S3_DATA_DIR": str(files),
            "HOME": str(files),
        }

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Returns as soon as the health check succeeds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise EmulatorError(f"ministack ended with {self._process.returncode}")
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise EmulatorError(f"ministack did not answer within {seconds:.0f} s")

    def unknown_types(self) -> list[str]:
        """The template's types that are stored as written, without effect."""
        return (self._scratch / "taught.txt").read_text().splitlines()

    def api_body(self) -> dict[str, Any]:
        """The OpenAPI body of the deployed HTTP API."""
        return dict(json.loads((self._scratch / "body.json").read_text()))

    @property
    def group(self) -> int:
        """The id of its process group."""
        return self._process.pid

    def stop(self) -> None:
        """Ends every process of its group."""
        for name in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.group, name)
            except ProcessLookupError:
                break
            try:
                self._process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                continue
        self._process.wait()
        self._log_file.close()


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client_settings(endpoint: str) -> dict[str, str]:
    """The environment of the emulator's clients: nothing in it leads to a real account."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL")}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def empty(folder: Path) -> Path:
    """Empties the folder, or creates it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
