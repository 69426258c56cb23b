import assert from "node:assert/strict";
import { test } from "node:test";
import { changeDraft, draftOf, filled, mappingOf, withPath } from "./mappingDraft.ts";

const mapping = {
  fields: [
    { target: "contact.name", path: "$.a" },
    { target: "contact.email", paths: ["$.b", "$.c"], on_invalid: "error" as const },
    { target: "deal.stage", constant: "Novo" },
  ],
  keys: ["$.id"],
  source_time: { path: "$.at" },
};

test("a_mapping_that_is_not_edited_comes_back_with_what_is_not_shown", () => {
  assert.deepEqual(mappingOf(draftOf(mapping)), mapping);
});

test("fc_20_a_template_a_condition_and_texts_to_read_are_kept", () => {
  const whole = {
    only_if: { is: { path: "a", op: "exists" as const } },
    read: [{ path: "$.b", as: "json" as const }],
    fields: [{ target: "deal.title", template: "{{a}} {{b.c}}" }],
    keys: [],
  };
  assert.deepEqual(mappingOf(draftOf(whole)), whole);
  const used = withPath(draftOf(whole), { target: "deal.title", path: "$.t" }, "f0");
  assert.deepEqual(mappingOf(used).fields, [{ target: "deal.title", path: "$.t" }]);
});

test("fields_without_anything_to_read_are_not_sent_and_places_lead_back_to_rows", () => {
  let draft = changeDraft(draftOf(mapping), {
    kind: "edit",
    id: "f0",
    field: { target: "contact.name", path: " " },
  });
  draft = changeDraft(draft, { kind: "add", field: { target: "deal.value", path: "$.v " } });
  const made = mappingOf(draft);
  assert.deepEqual(
    made.fields?.map((field) => field.target),
    ["contact.email", "deal.stage", "deal.value"],
  );
  assert.equal(made.fields?.[2]?.path, "$.v");
  assert.deepEqual(
    filled(draft).map((row) => row.id),
    ["f1", "f2", "f3"],
  );
});

test("a_constant_of_false_or_zero_is_a_value", () => {
  const draft = draftOf({
    fields: [
      { target: "contact.custom.x", constant: false },
      { target: "deal.value", default: 0 },
    ],
  });
  assert.equal(mappingOf(draft).fields?.length, 2);
});

test("rows_move_and_come_back_to_their_place", () => {
  const draft = draftOf(mapping);
  const ids = (of: typeof draft) => of.fields.map((row) => row.id);
  assert.deepEqual(ids(changeDraft(draft, { kind: "move", id: "f2", to: 0 })), ["f2", "f0", "f1"]);
  assert.deepEqual(ids(changeDraft(draft, { kind: "move", id: "f0", to: 9 })), ["f1", "f2", "f0"]);
  const row = draft.fields[1];
  assert.ok(row);
  const removed = changeDraft(draft, { kind: "remove", id: "f1" });
  assert.deepEqual(changeDraft(removed, { kind: "insert", at: 1, row }), draft);
  assert.equal(changeDraft(removed, { kind: "add", field: row.field }).fields[2]?.id, "f3");
});

test("a_path_goes_into_the_row_that_asked_for_it_else_into_a_vacant_or_new_one", () => {
  const draft = draftOf(mapping);
  const chosen = withPath(draft, { target: "deal.stage", path: "$.s" }, "f2");
  assert.deepEqual(chosen.fields[2]?.field, { target: "deal.stage", path: "$.s" });
  const added = withPath(draft, { target: "contact.name", path: "$.n" }, undefined);
  assert.equal(added.fields.length, 4);
  const vacant = changeDraft(draft, {
    kind: "add",
    field: { target: "deal.title", required: true },
  });
  const into = withPath(vacant, { target: "deal.title", path: "$.t" }, undefined);
  assert.deepEqual(into.fields[3]?.field, { target: "deal.title", required: true, path: "$.t" });
});

test("at_most_three_business_keys_are_kept", () => {
  const draft = changeDraft(draftOf({}), { kind: "keys", keys: ["$.a", "", "$.b", "$.c"] });
  assert.deepEqual(mappingOf(draft).keys, ["$.a", "$.b"]);
});
