import assert from "node:assert/strict";
import { test } from "node:test";
import { findRoute, matchPath } from "./match.ts";

test("the parts with a dollar sign are values, without their escapes", () => {
  assert.deepEqual(matchPath("/w/$ws/rules/$rule", "/w/ws_1/rules/a%2Fb"), {
    ws: "ws_1",
    rule: "a/b",
  });
  assert.deepEqual(matchPath("/w/$ws", "/w/ws_1/"), { ws: "ws_1" });
  assert.equal(matchPath("/w/$ws", "/w"), null);
  assert.equal(matchPath("/w/$ws", "/w/ws_1/rules"), null);
  assert.equal(matchPath("/w/$ws", "/x/ws_1"), null);
});

test("broken escapes match nothing", () => {
  assert.equal(matchPath("/w/$ws", "/w/%E0%A4%A"), null);
});

test("a pattern without values goes before one with them", () => {
  const routes = [{ pattern: "/rules/$rule" }, { pattern: "/rules/new" }, { pattern: "/rules" }];
  assert.equal(findRoute(routes, "/rules/new")?.route.pattern, "/rules/new");
  assert.equal(findRoute(routes, "/rules/rule_1")?.params.rule, "rule_1");
  assert.equal(findRoute(routes, "/jobs"), null);
});
