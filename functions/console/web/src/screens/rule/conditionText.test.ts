import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionText } from "./conditionText.ts";

const ops = { eq: "=", ne: "≠", in: "in", contains: "has", gt: ">", lt: "<", exists: "exists" };
const words = { ops, and: "and", or: "or" };

test("a_condition_is_a_sentence_with_its_groups_in_brackets", () => {
  const text = conditionText(
    {
      all: [
        { is: { path: "value", op: "gt", value: 10 } },
        {
          any: [
            { is: { path: "status", op: "in", value: ["won", "lost"] } },
            { is: { path: "tag", op: "exists" } },
          ],
        },
      ],
    },
    words,
  );
  assert.equal(text, "value > 10 and (status in won, lost or tag exists)");
});

test("one_comparison_has_no_brackets", () => {
  assert.equal(conditionText({ is: { path: "a", op: "eq", value: true } }, words), "a = true");
});
