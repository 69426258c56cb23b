"""An HTTP client of the deployed stack, for senders and users."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit


class WrongAnswer(Exception):
    """A response with an unexpected status."""


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes


@dataclass(frozen=True)
class Api:
    """The API and the key that is sent with each request."""

    port: int
    host: str
    key: str = ""

    def having(self, key: str) -> "Api":
        """The same client with another key."""
        return replace(self, key=key)

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Sends a request; returns the response, whatever its status."""
        sent = {"host": self.host, "connection": "close"} | dict(headers or {})
        if self.key:
            sent["authorization"] = f"Bearer {self.key}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("content-type", "application/json")
        # The host name exists in the emulator only; it need not be resolved.
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            link.request(method, path, data, sent)
            answer = link.getresponse()
            raw = answer.read()
            got = {name.lower(): value for name, value in answer.getheaders()}
        finally:
            link.close()
        try:
            return Answer(answer.status, json.loads(raw), got, raw)
        except ValueError:
            return Answer(answer.status, raw, got, raw)

    def want(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Sends a request; returns the body of the response, which must have this status."""
        answer = self.ask(method, path, body, **more)
        if answer.status != status:
            raise WrongAnswer(f"{method} {path}: {answer.status} {answer.body}, not {status}")
        return answer.body

    def get(self, path: str) -> Any:
        return self.want(200, "GET", path)

    def make(self, path: str, body: Any) -> Any:
        return self.want(201, "POST", path, body)

    def post(self, path: str, body: Any) -> Any:
        return self.want(200, "POST", path, body)

    def change(self, path: str, body: Any) -> Any:
        return self.want(200, "PATCH", path, body)

    def send(self, url: str, body: bytes, **headers: str) -> Answer:
        """Sends a webhook to an ingest URL of this API."""
        address = urlsplit(url)
        if address.netloc != self.host:
            raise WrongAnswer(f"the ingest URL {address.netloc} is not at {self.host}")
        sender = replace(self, key="")
        return sender.ask(
            "POST", address.path, body, {n.replace("_", "-"): v for n, v in headers.items()}
        )
