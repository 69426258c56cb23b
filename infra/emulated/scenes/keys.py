"""Who may ask: the Lambda authorizer in front of the API, and the roles behind it."""

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
    refused = world.api.having(reader).ask("POST", path, {"name": "Outra", "stages": [{"name": "A"}]})
    check(refused.status == 403, f"a viewer made an origin: {refused.status}")
    check(refused.body["code"] == "forbidden", f"a viewer's refusal: {refused.body}")
    check(world.api.having(reader).ask("GET", path).status == 200, "a viewer may not read")
    lost = world.api.ask("GET", "/v1/nowhere")
    check(lost.status == 404 and lost.body["code"] == "not_found", f"an unknown path: {lost.body}")
    return "401 without a key, 403 with a stranger's or a viewer's, 200 with a good one"
