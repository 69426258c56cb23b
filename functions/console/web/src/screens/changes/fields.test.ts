import assert from "node:assert/strict";
import { test } from "node:test";
import { changedPart, conflictFields, isDecided } from "./fields.ts";

const opened = { name: "A", method: "POST", filter: { types: ["x"], stages: [] } };

test("a_field_tells_what_each_side_has_and_whether_the_other_one_changed_it", () => {
  const theirs = { ...opened, name: "B", filter: { types: ["x", "y"], stages: [] } };
  const mine = { ...theirs, name: "C", method: "PUT" };
  assert.deepEqual(conflictFields(opened, theirs, mine), [
    { path: "name", opened: "A", theirs: "B", mine: "C", isTheirs: true },
    { path: "method", opened: "POST", theirs: "POST", mine: "PUT", isTheirs: false },
    {
      path: "filter.types",
      opened: ["x"],
      theirs: ["x", "y"],
      mine: ["x", "y"],
      isTheirs: true,
    },
  ]);
});

test("without_a_change_of_the_other_one_no_field_is_theirs", () => {
  const fields = conflictFields(opened, { ...opened }, { ...opened, name: "C" });
  assert.deepEqual(
    fields.map((field) => [field.path, field.isTheirs]),
    [["name", false]],
  );
  assert.deepEqual(conflictFields(opened, opened, opened), []);
});

test("the_reader_chooses_unless_the_other_change_is_elsewhere_or_the_same", () => {
  const renamed = { ...opened, name: "B" };
  const isAsked = (theirs: object, mine: object) =>
    !isDecided(conflictFields(opened, theirs, mine));
  assert.ok(isAsked(renamed, { ...renamed, method: "PUT" }));
  assert.ok(isAsked(renamed, { ...renamed, name: "C" }));
  assert.ok(!isAsked(opened, { ...opened, method: "PUT" }));
  assert.ok(!isAsked(renamed, renamed));
});

test("a_field_that_is_compared_as_one_is_not_looked_into", () => {
  const theirs = { ...opened, filter: { types: [], stages: [] } };
  const fields = conflictFields(opened, theirs, opened, (path) => path === "filter");
  assert.deepEqual(
    fields.map((field) => field.path),
    ["filter"],
  );
});

test("a_change_keeps_only_what_is_not_as_it_was_read", () => {
  const read = { ...opened, id: "rule_1", version: 3 };
  const filter = { stages: [], types: ["x"] };
  assert.deepEqual(changedPart({ name: "A", method: "PUT", filter }, read), { method: "PUT" });
  assert.deepEqual(changedPart({ tag: null }, { tag: "site" }), { tag: null });
  assert.deepEqual(changedPart({ added: 1 }, read), { added: 1 });
});
