import assert from "node:assert/strict";
import { test } from "node:test";
import { conflictFields } from "../changes/fields.ts";
import { compared } from "./compared.ts";
import type { Integration } from "./useChange.ts";

const shown = { type: "token", in: { header: "x-token" }, secret: { set: true } };
const email = { target: "contact.email", path: "$.email", required: true };
const name = { target: "contact.name", path: "$.nome" };

const integration: Integration = {
  id: "int_1",
  origin: "ori_1",
  application: "webhook",
  name: "Loja",
  active: true,
  verification: [shown],
  allowed_ips: [],
  methods: ["POST"],
  success_status: 200,
  sniff_json: false,
  dedupe: null,
  action: "create_deal",
  tag: null,
  stage: null,
  stage_on_update: "always",
  status: null,
  mapping: { fields: [email, name], keys: ["$.pedido"] },
  mapping_version: 2,
  version: 3,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  activity: {
    last_received_at: null,
    last_24h: { received: 0, success: 0, error: 0, error_rate: null },
  },
};

function changedPaths(theirs: Partial<Integration>, names: Parameters<typeof compared>[1]) {
  const now = { ...integration, ...theirs };
  const fields = conflictFields(
    compared(integration, names),
    compared(now, names),
    compared(now, names),
  );
  return fields.map((field) => field.path);
}

test("only_the_settings_of_the_form_are_compared", () => {
  assert.deepEqual(changedPaths({ name: "B", tag: "site" }, ["tag", "stage"]), ["tag"]);
});

test("a_mapping_is_compared_by_target_whatever_the_order_of_its_fields", () => {
  const moved = { fields: [name, { ...email, transforms: [] }], keys: ["$.pedido"] };
  assert.deepEqual(changedPaths({ mapping: moved }, ["mapping"]), []);
  const changed = { fields: [{ ...email, path: "$.e_mail" }, name], keys: [] };
  assert.deepEqual(changedPaths({ mapping: changed }, ["mapping"]), [
    "mapping.fields.contact.email.path",
    "mapping.keys",
  ]);
});

test("two_fields_of_one_target_are_both_compared", () => {
  const twice = { fields: [email, name, { ...name, path: "$.name" }], keys: ["$.pedido"] };
  assert.deepEqual(changedPaths({ mapping: twice }, ["mapping"]), [
    "mapping.fields.contact.name +",
  ]);
});

test("a_typed_secret_is_a_change_and_is_not_shown", () => {
  const typed = { ...shown, secret: "s3cret-s3cret-s3cret" };
  const saved = compared(integration, ["verification"]);
  const mine = compared({ ...integration, verification: [typed] }, ["verification"]);
  const [field] = conflictFields(saved, saved, mine);
  assert.equal(field?.path, "verification");
  assert.ok(!JSON.stringify(field).includes("s3cret"));
});
