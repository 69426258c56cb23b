import assert from "node:assert/strict";
import { test } from "node:test";
import { shownCheck, withSecret } from "./checks.ts";

test("a_check_shows_its_header_and_whether_its_secret_is_set", () => {
  const check = {
    type: "hmac",
    header: "x-sig",
    secret: { set: true, previous_until: "2026-11-30T10:00:00Z" },
  };
  assert.deepEqual(shownCheck(check), {
    type: "hmac",
    detail: "x-sig",
    secrets: [{ field: "secret", set: true, previousUntil: "2026-11-30T10:00:00Z" }],
  });
  assert.equal(
    shownCheck({ type: "token", in: { query: "t" }, secret: { set: false } } as { type: string })
      .detail,
    "t",
  );
});

test("meta_has_two_secrets", () => {
  const { secrets } = shownCheck({ type: "meta" });
  assert.deepEqual(
    secrets.map((one) => one.field),
    ["secret", "verify_token"],
  );
});

test("a_changed_secret_leaves_the_other_checks_as_they_were_shown", () => {
  const checks = [
    { type: "github", secret: { set: true } },
    { type: "token", secret: { set: true } },
  ];
  const sent = withSecret(checks, 1, "secret", "generate");
  assert.deepEqual(sent, [checks[0], { type: "token", secret: "generate" }]);
});
