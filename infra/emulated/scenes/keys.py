"""Access: the Lambda authorizer in front of the API, and the roles of keys behind it."""

from deploy import CONSOLE
from world import World, check

UNKNOWN_KEY = "gk_00000000000000000000000000000000_no-such-key"


def prepare(world: World) -> None:
    """Needs nothing."""


def play(world: World, _prepared: None) -> str:
    path = "/v1/origins"
    seen = {
        "no key": world.api.having("").ask("GET", path).status,
        "an unknown key": world.api.having(UNKNOWN_KEY).ask("GET", path).status,
        "a valid key": world.api.ask("GET", path).status,
    }
    check(list(seen.values()) == [401, 403, 200], f"the authorizer: {seen}")
    reader = world.api.make("/v1/keys", {"name": "Leitura", "role": "viewer"})["key"]
    refused = world.api.having(reader).ask(
        "POST", path, {"name": "Outra", "stages": [{"name": "A"}]}
    )
    check(refused.status == 403, f"a viewer created an origin: {refused.status}")
    check(refused.body["code"] == "forbidden", f"a viewer's refusal: {refused.body}")
    check(world.api.having(reader).ask("GET", path).status == 200, "a viewer may not read")
    lost = world.api.ask("GET", "/v1/nowhere")
    check(lost.status == 404 and lost.body["code"] == "not_found", f"an unknown path: {lost.body}")
    preflight(world)
    return "401 without a key, 403 with an unknown or a viewer's, 200 with a valid one"


def preflight(world: World) -> None:
    """CORS allows a page of the console's origin, and no page of another one."""
    for origin, allowed in ((CONSOLE, CONSOLE), ("https://elsewhere.example", None)):
        headers = {"origin": origin, "access-control-request-method": "POST"}
        answer = world.api.having("").ask("OPTIONS", "/v1/origins", headers=headers)
        sent = answer.headers.get("access-control-allow-origin")
        check(sent == allowed, f"the allowed origin for {origin} is {sent}: {answer.status}")
