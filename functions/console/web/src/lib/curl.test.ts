import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { curlOf, curlOfRequest, shellQuote } from "./curl.ts";

test("a shell reads the quoted text as it was", () => {
  for (const text of ["it's", "$(id)", "`id`", "a\nb", "\\", '"', "!!", "$KEY"]) {
    const read = execFileSync("sh", ["-c", `printf %s ${shellQuote(text)}`]).toString();
    assert.equal(read, text);
  }
});

test("a read and a write of the API", () => {
  assert.equal(
    curlOf({ method: "GET", path: "/v1/deliveries?subject=PED-1" }, "https://h"),
    `curl 'https://h/v1/deliveries?subject=PED-1' -H "Authorization: Bearer $KEY"`,
  );
  assert.equal(
    curlOf({ method: "POST", path: "/v1/x", body: { a: "it's" } }, "https://h"),
    `curl -X POST 'https://h/v1/x' -H "Authorization: Bearer $KEY" -H 'content-type: application/json' -d '{"a":"it'\\''s"}'`,
  );
});

test("the request of a delivery", () => {
  const request = {
    method: "POST",
    url: "https://erp.example.com/in",
    headers: [
      { name: "content-type", value: "application/json" },
      { name: "Content-Length", value: "2" },
    ],
    body: "{}",
  };
  assert.equal(
    curlOfRequest(request),
    "curl -X POST 'https://erp.example.com/in' -H 'content-type: application/json' --data-binary '{}'",
  );
});
