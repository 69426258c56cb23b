import assert from "node:assert/strict";
import { test } from "node:test";
import { urlFault } from "./targetUrl.ts";

test("s4_2_the_url_must_be_https", () => {
  assert.equal(urlFault("https://erp.example.com/in?x=1", false), null);
  assert.equal(urlFault("http://erp.example.com/in", false), "http");
  assert.equal(urlFault("http://erp.example.com/in", true), null);
  assert.equal(urlFault("javascript:alert(1)", true), "hostless");
});

test("what the server refuses is seen while it is typed", () => {
  assert.equal(urlFault("erp.example.com", false), "hostless");
  assert.equal(urlFault("https://u:p@erp.example.com", false), "user");
  assert.equal(urlFault("https://erp.example.com/#x", false), "fragment");
  assert.equal(urlFault("https://erp.example.com:9000/", false), "port");
  assert.equal(urlFault("https://erp.example.com:8443/", false), null);
});
