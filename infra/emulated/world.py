"""The deployed stack with a workspace, and the resources that scenes create in it."""

from dataclasses import dataclass, field, replace
from typing import Any

from api import Api
from deploy import Stack
from receiver import Receiver
from until import until

# Five retries, a second apart; suspension after three failures in a row.
IMPATIENT = {
    "waits": [1, 1, 1, 1, 1],
    "jitter_percent": 0,
    "suspension": {"scope": "endpoint", "trip": {"streak": {"failures": 3}}},
}


@dataclass(frozen=True)
class World:
    """The surroundings of a scene."""

    stack: Stack
    api: Api
    receiver: Receiver
    workspace: str = ""
    origin: str = ""
    _secrets: list[str] = field(default_factory=list)

    def endpoint(
        self, name: str, event: str, policy: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Creates an endpoint at the receiver, and the rule that sends it one type of event."""
        body = {"name": name, "url": self.receiver.url(name), "policy": policy or {}}
        created = self.api.make("/v1/endpoints", body)
        rule = {"name": name, "filter": {"types": [event]}, "target": {"endpoint": created["id"]}}
        self.api.make("/v1/rules", rule)
        self.hide(created["secret"].removeprefix("whsec_"))
        return dict(created)

    def hide(self, secret: str) -> None:
        """Registers a secret that must not occur in any log."""
        self._secrets.append(secret)

    def secrets(self) -> list[str]:
        """The registered secrets: keys, tokens of ingest URLs, secrets of endpoints."""
        return [self.api.key, *self._secrets]

    def publish(self, event: str, subject: str, data: dict[str, Any]) -> None:
        """Publishes an event."""
        body = {"type": event, "subject": subject, "data": data}
        self.api.want(202, "POST", "/v1/events", body)

    def deliveries(self, endpoint: str) -> list[dict[str, Any]]:
        """The deliveries of an endpoint, in any state."""
        return list(self.api.get(f"/v1/deliveries?endpoint={endpoint}")["items"])

    def arrived(self, endpoint: str, count: int = 1) -> list[dict[str, Any]]:
        """Waits until an endpoint has `count` deliveries, each a success; returns them."""

        def ask() -> list[dict[str, Any]] | None:
            found = self.deliveries(endpoint)
            right = len(found) == count and all(each["state"] == "success" for each in found)
            return found if right else None

        return until(f"{count} successful deliveries", ask)

    def in_state(
        self, endpoint: str, state: str, held: int | None = None, seconds: float = 40
    ) -> dict[str, Any]:
        """Waits for the endpoint's state, and for its number of held deliveries; returns it."""

        def ask() -> dict[str, Any] | None:
            shown = self.api.get(f"/v1/endpoints/{endpoint}")
            right = shown["state"] == state and held in (None, shown["held"])
            return dict(shown) if right else None

        return until(f"the endpoint is {state} with {held} held", ask, seconds)


def make(stack: Stack, api: Api, receiver: Receiver, owner_key: str) -> World:
    """Creates a workspace that allows plain HTTP, with an admin key and an origin."""
    created = api.having(owner_key).make("/v1/workspaces", {"name": "Emulada", "plain_http": True})
    world = World(stack, api.having(created["key"]["key"]), receiver, created["workspace"]["id"])
    world.hide(owner_key)
    stages = [{"name": "Novo"}, {"name": "Fechado"}]
    origin = world.api.make("/v1/origins", {"name": "Vendas", "stages": stages})
    return replace(world, origin=origin["id"])


def check(right: bool, what: str) -> None:
    """Raises `Unexpected` with the line `what` unless `right`."""
    if not right:
        raise Unexpected(what)


class Unexpected(Exception):
    """An expectation of a scene that was not met."""
