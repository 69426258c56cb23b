"""The deployed stack with a workspace, and what scenes make there."""

from dataclasses import dataclass, field, replace
from typing import Any

from api import Api
from deploy import Stack
from receiver import Receiver
from until import until

# Tried again after a second, five times; suspended after three failures in a row.
IMPATIENT = {
    "waits": [1, 1, 1, 1, 1],
    "jitter_percent": 0,
    "suspension": {"scope": "endpoint", "trip": {"streak": {"failures": 3}}},
}


@dataclass(frozen=True)
class World:
    """What a scene plays in."""

    stack: Stack
    api: Api
    receiver: Receiver
    workspace: str = ""
    origin: str = ""
    _secrets: list[str] = field(default_factory=list)

    def endpoint(
        self, name: str, event: str, policy: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """An endpoint at the receiver, and the rule that sends it one type of event."""
        body = {"name": name, "url": self.receiver.url(name), "policy": policy or {}}
        made = self.api.make("/v1/endpoints", body)
        rule = {"name": name, "filter": {"types": [event]}, "target": {"endpoint": made["id"]}}
        self.api.make("/v1/rules", rule)
        self.hide(made["secret"].removeprefix("whsec_"))
        return dict(made)

    def hide(self, secret: str) -> None:
        """Something that no log may tell."""
        self._secrets.append(secret)

    def secrets(self) -> list[str]:
        """What no log may tell: keys, tokens of ingest URLs, secrets of endpoints."""
        return [self.api.key, *self._secrets]

    def publish(self, event: str, subject: str, data: dict[str, Any]) -> None:
        """An event as any producer publishes it."""
        body = {"type": event, "subject": subject, "data": data}
        self.api.want(202, "POST", "/v1/events", body)

    def deliveries(self, endpoint: str) -> list[dict[str, Any]]:
        """What an endpoint was, or will be, sent."""
        return list(self.api.get(f"/v1/deliveries?endpoint={endpoint}")["items"])

    def arrived(self, endpoint: str, count: int = 1) -> list[dict[str, Any]]:
        """An endpoint's deliveries, once there are so many and each is a success."""

        def ask() -> list[dict[str, Any]] | None:
            found = self.deliveries(endpoint)
            right = len(found) == count and all(each["state"] == "success" for each in found)
            return found if right else None

        return until(f"{count} deliveries are a success", ask)

    def in_state(
        self, endpoint: str, state: str, held: int | None = None, seconds: float = 40
    ) -> dict[str, Any]:
        """The endpoint, once it is in that state (with so many deliveries that wait for it)."""

        def ask() -> dict[str, Any] | None:
            shown = self.api.get(f"/v1/endpoints/{endpoint}")
            right = shown["state"] == state and held in (None, shown["held"])
            return dict(shown) if right else None

        return until(f"the endpoint is {state} with {held} held", ask, seconds)


def make(stack: Stack, api: Api, receiver: Receiver, owner_key: str) -> World:
    """A workspace that allows plain HTTP, its admin's key, and an origin."""
    made = api.having(owner_key).make("/v1/workspaces", {"name": "Emulada", "plain_http": True})
    world = World(stack, api.having(made["key"]["key"]), receiver, made["workspace"]["id"])
    world.hide(owner_key)
    stages = [{"name": "Novo"}, {"name": "Fechado"}]
    origin = world.api.make("/v1/origins", {"name": "Vendas", "stages": stages})
    return replace(world, origin=origin["id"])


def check(right: bool, what: str) -> None:
    """An expectation of a scene; `what` is the line that people read when it is not met."""
    if not right:
        raise Unexpected(what)


class Unexpected(Exception):
    """Something is otherwise than it should be."""
