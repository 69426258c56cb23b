import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { words } from "./pt/index.ts";

const SOURCES = new URL("../", import.meta.url);

/** Groups whose texts are found by a name that the API sends. */
const BY_NAME = [
  "codes",
  "deliveries.errors",
  "deliveries.reasons",
  "rules.when.entities",
  "timeline.errors",
];

/** The names of all texts: `deliveries.tabs.error`. */
function keysOf(value: unknown, before: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [before];
  return Object.entries(value).flatMap(([name, part]) =>
    keysOf(part, before === "" ? name : `${before}.${name}`),
  );
}

/** Every word of the code that can read a text. */
function read(): Set<string> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !/^words\/|\.test\.ts$|schema\.d\.ts$/.test(file),
  );
  const found = new Set<string>();
  for (const file of files) {
    const text = readFileSync(new URL(file, SOURCES), "utf8");
    for (const [word] of text.matchAll(/[\w$-]+/g)) found.add(word);
  }
  return found;
}

test("5.4 each text of the catalogues has a reader", () => {
  const used = read();
  const isByName = (key: string) => BY_NAME.some((group) => key.startsWith(`${group}.`));
  const unused = keysOf(words, "").filter(
    (key) => !isByName(key) && !used.has(key.split(".").at(-1) ?? ""),
  );
  assert.deepEqual(unused, []);
});

test("5.4 a group that is found by a name has texts", () => {
  const keys = keysOf(words, "");
  for (const group of BY_NAME) {
    assert.ok(
      keys.some((key) => key.startsWith(`${group}.`)),
      group,
    );
  }
});
