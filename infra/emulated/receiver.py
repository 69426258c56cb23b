"""The world outside: endpoints that keep what they are sent, and answer as they are told."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

# What the deployed functions are told to let through: they refuse this machine otherwise.
HOST = "localhost"


@dataclass(frozen=True)
class Letter:
    """One request that came, and how it was answered."""

    headers: dict[str, str]
    body: bytes
    answered: int
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The delivery's id, the same at every try."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Endpoints by name: `/erp` is the endpoint `erp`."""

    letters: dict[str, list[Letter]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, name: str) -> str:
        """Where the endpoint is."""
        return f"http://{HOST}:{self._server.server_address[1]}/{name}"

    def answer(self, name: str, status: int) -> None:
        """From now on it answers so; 200 as long as nothing is said."""
        with self._lock:
            self.answers[name] = status

    def at(self, name: str) -> list[Letter]:
        """What came to it, in order."""
        with self._lock:
            return list(self.letters.get(name, ()))

    def take(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """Keeps a request; gives back the status of its answer."""
        with self._lock:
            status = self.answers.get(name, 200)
            letter = Letter(headers, body, status, time.time())
            self.letters.setdefault(name, []).append(letter)
            return status


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(self.path.lstrip("/"), headers, self.rfile.read(size))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the letters are the log."""

    return Handler
