"""Who may ask: the Lambda authorizer in front of the API, and the roles behind it."""

from deploy import CONSOLE
from world import World, check

STRANGER = "gk_00000000000000000000000000000000_no-such-key"


def prepare(world: World) -> None:
    """Nothing is needed."""


def play(world: World, _made: None) -> str:
    path = "/v1/origins"
    seen = {
        "no key": world.api.having("").ask("GET", path).status,
        "a stranger's key": world.api.having(STRANGER).ask("GET", path).status,
        "a good key": world.api.ask("GET", path).status,
    }
    check(list(seen.values()) == [401, 403, 200], f"the authorizer: {seen}")
    reader = world.api.make("/v1/keys", {"name": "Leitura", "role": "viewer"})["key"]
    refused = world.api.having(reader).ask(
        "POST", path, {"name": "Outra", "stages": [{"name": "A"}]}
    )
    check(refused.status == 403, f"a viewer made an origin: {refused.status}")
    check(refused.body["code"] == "forbidden", f"a viewer's refusal: {refused.body}")
    check(world.api.having(reader).ask("GET", path).status == 200, "a viewer may not read")
    lost = world.api.ask("GET", "/v1/nowhere")
    check(lost.status == 404 and lost.body["code"] == "not_found", f"an unknown path: {lost.body}")
    preflight(world)
    return "401 without a key, 403 with a stranger's or a viewer's, 200 with a good one"


def preflight(world: World) -> None:
    """A page of the console's origin may ask, a page of another one may not."""
    for origin, allowed in ((CONSOLE, CONSOLE), ("https://elsewhere.example", None)):
        asked = {"origin": origin, "access-control-request-method": "POST"}
        answer = world.api.having("").ask("OPTIONS", "/v1/origins", headers=asked)
        told = answer.headers.get("access-control-allow-origin")
        check(told == allowed, f"a page of {origin} is told {told}: {answer.status}")
