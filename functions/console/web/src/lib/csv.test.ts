import assert from "node:assert/strict";
import { test } from "node:test";
import { collectCsv, countRecords, csvName, withoutHeader } from "./csv.ts";

test("records are counted, line breaks in quotes are not", () => {
  assert.equal(countRecords("a,b\r\n1,2\r\n3,4\r\n"), 2);
  assert.equal(countRecords('a,b\n"x\ny",2\n"q ""n"" ",4'), 2);
  assert.equal(countRecords("a,b\n"), 0);
  assert.equal(countRecords(""), 0);
});

test("the header of later pages is dropped", () => {
  assert.equal(withoutHeader('"a\nb",c\r\n1,2\r\n'), "1,2\r\n");
  assert.equal(withoutHeader("a,b"), "");
});

test("pages are joined under one header", async () => {
  const pages = new Map([
    ["", { text: "a\n1\n", next: "p2" }],
    ["p2", { text: "a\n2\n3", next: "p3" }],
    ["p3", { text: "a\n", next: null }],
  ]);
  const seen: number[] = [];
  const parts = await collectCsv(
    async (cursor) => pages.get(cursor ?? "") ?? { text: "", next: null },
    (now) => seen.push(now.rows),
  );
  assert.equal(parts.join(""), "a\n1\n2\n3\n");
  assert.deepEqual(seen, [1, 3, 3]);
});

test("a page that fails fails the whole", async () => {
  const failing = collectCsv(
    async () => {
      throw new Error("cancelled");
    },
    () => {},
  );
  await assert.rejects(failing, /cancelled/);
});

test("file names hold what every system takes", () => {
  assert.equal(
    csvName("histórico", "Vendas / Ação", "2026-11-01", null),
    "historico-vendas-acao-2026-11-01.csv",
  );
  assert.equal(csvName("../..", ""), "gancho.csv");
});
