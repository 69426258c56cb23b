import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem } from "../../api/problem.ts";
import { dependentsOf } from "./dependents.ts";

const id = (prefix: string) => `${prefix}_${"0".repeat(32)}`;

function refusal(code: string, dependents: string) {
  const params = { dependents };
  return new ApiProblem({ status: 409, origin: "api", code, detail: "", params });
}

test("the_dependents_of_a_refusal_are_read_by_their_ids", () => {
  const named = `${id("int")}, ${id("deal")}`;
  assert.deepEqual(dependentsOf(refusal("has_dependents", named)), {
    ids: [id("int"), id("deal")],
    more: false,
  });
  assert.deepEqual(dependentsOf(refusal("has_dependents", `${id("rule")}, ...`)), {
    ids: [id("rule")],
    more: true,
  });
});

test("a_refusal_that_names_no_ids_is_left_to_its_own_sentence", () => {
  const text = "the workspace, as its only admin key";
  assert.equal(dependentsOf(refusal("has_dependents", text)), undefined);
  assert.equal(dependentsOf(refusal("conflict", id("int"))), undefined);
  assert.equal(dependentsOf(new Error("x")), undefined);
});
