import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddresses } from "./addresses.ts";

test("addresses are read with lines, spaces or commas; an empty text is none", () => {
  const text = " 203.0.113.7\n198.51.100.0/24, 2001:db8::1 ,,\n";
  assert.deepEqual(readAddresses(text), ["203.0.113.7", "198.51.100.0/24", "2001:db8::1"]);
  assert.deepEqual(readAddresses(" \n"), []);
});
