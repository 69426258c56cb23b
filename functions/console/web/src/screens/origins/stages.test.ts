import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, moved, stagesOf } from "./stages.ts";

test("a stage moves within the list and never out of it", () => {
  assert.deepEqual(moved(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, -2), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b"], 0, -1), ["a", "b"]);
  assert.deepEqual(moved(["a", "b"], 1, 5), ["a", "b"]);
  assert.deepEqual(moved(["a"], 7, 1), ["a"]);
});

test("kept stages keep their id, new ones have a name only, empty new ones are left out", () => {
  const drafts = [draftOf(" Novo ", "stg_1"), draftOf("Fim"), draftOf("  "), draftOf("", "stg_2")];
  assert.deepEqual(stagesOf(drafts), [
    { id: "stg_1", name: "Novo" },
    { name: "Fim" },
    { id: "stg_2", name: "" },
  ]);
});
