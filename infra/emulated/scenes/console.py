"""The web console: its page and its files, and a session by API key with a token towards the API."""

import re
from pathlib import Path

from deploy import Stack
from world import World, check

SESSION = "/console/session"


def serve_pages(stack: Stack, dist: Path) -> None:
    """Gives the function its pages. Binaries for tests have none inside."""
    stack.set_variables("Console", CONSOLE_ASSETS=str(dist))


def prepare(world: World) -> None:
    """Needs nothing."""


def play(world: World, _prepared: None) -> str:
    browser = world.api.having("")
    for path in ("/", "/console"):
        sent = browser.ask("GET", path, headers={"accept": "text/html"})
        went = (sent.status, sent.headers.get("location"))
        check(went == (302, "/console/"), f"{path} leads to {went}")
    nonces = set()
    # Not /console/ itself: ministack takes a path's first part for a stage and drops the slash.
    for path in ("/console/me", "/console/sign-in"):
        page = browser.ask("GET", path)
        policy = page.headers.get("content-security-policy", "")
        nonce = re.search(r"'nonce-([0-9a-f]{32})'", policy)
        check(page.status == 200 and nonce is not None, f"{path}: {page.status} {policy}")
        assert nonce is not None
        check(nonce[1].encode() in page.raw, f"{path} has not the nonce of its policy")
        nonces.add(nonce[1])
    check(len(nonces) == 2, "two pages have one nonce")
    script = re.search(rb'src="(/console/assets/[^"]+\.js)"', page.raw)
    check(script is not None, "the page has no script")
    assert script is not None
    file = browser.ask("GET", script[1].decode(), headers={"accept-encoding": "br"})
    how = (file.status, file.headers.get("content-encoding"))
    check(how == (200, "br"), f"the script: {how}")
    lost = browser.ask("GET", "/console/assets/no.js")
    check(lost.status == 404 and lost.body["code"] == "not_found", f"no.js: {lost.status}")
    sign_in(world)
    return "the page, its script, a session by key, a call of the API with its token"


def sign_in(world: World) -> None:
    """Signs in by key, calls the API with a token of the session, and signs out."""
    browser = world.api.having("")
    own = {"x-gancho": "console", "content-type": "application/json"}
    check(browser.ask("GET", SESSION).status == 401, "there is a session before the sign-in")
    foreign = browser.ask("POST", SESSION, {"key": world.api.key})
    check(foreign.status == 403, f"a sign-in of another page: {foreign.status}")
    signed = browser.ask("POST", SESSION, {"key": world.api.key}, headers=own)
    check(signed.status == 200, f"the sign-in: {signed.status} {signed.body}")
    entered = [each["id"] for each in signed.body["workspaces"]]
    check(entered == [world.workspace], f"the workspaces of the key: {entered}")
    cookie = signed.headers["set-cookie"].split(";")[0]
    world.hide(cookie.split("=")[1])
    own["cookie"] = cookie
    body = {"workspace": world.workspace}
    token = browser.want(200, "POST", f"{SESSION}/token", body, headers=own)["token"]
    world.hide(token)
    me = world.api.having(token).get("/v1/me")
    check(me["role"] == "admin" and me["caller"]["kind"] == "key", f"the caller: {me}")
    check(browser.ask("DELETE", SESSION, headers=own).status == 200, "the sign-out")
    check(browser.ask("GET", SESSION, headers=own).status == 401, "the session goes on")
