import assert from "node:assert/strict";
import { test } from "node:test";
import { currentOf, groups, settingsItem } from "../shell/nav.ts";
import { safeNext } from "./paths.ts";
import { languageOf, parsePreferences } from "./preferences.ts";

test("the first of the browser's languages that the console speaks, else Portuguese", () => {
  assert.equal(languageOf(["fr-FR", "en-GB", "pt-BR"]), "en");
  assert.equal(languageOf(["de"]), "pt");
  assert.equal(languageOf([]), "pt");
});

test("stored preferences of another form become defaults", () => {
  const text =
    '{"theme":"purple","density":"compact","columns":{"a":["x"],"b":1},"relative":"yes"}';
  const read = parsePreferences(text, ["en"]);
  assert.equal(read.theme, "system");
  assert.equal(read.density, "compact");
  assert.deepEqual(read.columns, { a: ["x"] });
  assert.equal(read.relative, false);
  assert.equal(parsePreferences("{broken", []).language, "pt");
  assert.equal(parsePreferences("[]", []).zone, "workspace");
});

test("a next address stays inside the console", () => {
  assert.equal(safeNext("/console/w/ws_1/?a=1"), "/console/w/ws_1/?a=1");
  for (const bad of [
    "//evil.example",
    "/console//evil",
    "https://evil.example",
    "/other",
    "/console/\\evil",
    undefined,
  ]) {
    assert.equal(safeNext(bad), "/console/");
  }
});

test("the sidebar marks the item that the address lies in", () => {
  const items = [...groups.flatMap((group) => group.items), settingsItem];
  assert.equal(currentOf("/", items), "home");
  assert.equal(currentOf("/origins", items), "origins");
  assert.equal(currentOf("/origins/ori_1/webhooks/whk_1", items), "history");
  assert.equal(currentOf("/origins/ori_1/settings", items), "origins");
  assert.equal(currentOf("/integrations/int_1", items), "integrations");
  assert.equal(currentOf("/settings/keys", items), "settings");
  assert.equal(currentOf("/nowhere", items), null);
});
