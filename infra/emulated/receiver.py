"""Endpoints outside the deployment: they capture requests and answer with a set status."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

# The host that the deployed functions may send to although it is not public.
HOST = "localhost"


@dataclass(frozen=True)
class CapturedRequest:
    """A captured request, with the status of its response."""

    headers: dict[str, str]
    body: bytes
    answered: int
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The delivery's id, the same in every attempt."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Endpoints by name: `/erp` is the endpoint `erp`."""

    requests: dict[str, list[CapturedRequest]] = field(default_factory=dict)
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
        """The endpoint's URL."""
        return f"http://{HOST}:{self._server.server_address[1]}/{name}"

    def answer(self, name: str, status: int) -> None:
        """Sets the status that the endpoint answers with; the default is 200."""
        with self._lock:
            self.answers[name] = status

    def at(self, name: str) -> list[CapturedRequest]:
        """The endpoint's captured requests, oldest first."""
        with self._lock:
            return list(self.requests.get(name, ()))

    def take(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """Captures a request; returns the status to answer with."""
        with self._lock:
            status = self.answers.get(name, 200)
            captured = CapturedRequest(headers, body, status, time.time())
            self.requests.setdefault(name, []).append(captured)
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
            """Logs nothing: the captured requests are the log."""

    return Handler
