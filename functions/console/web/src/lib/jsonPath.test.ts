import assert from "node:assert/strict";
import { test } from "node:test";
import { indexJson } from "./jsonIndex.ts";
import { follow, offersFor, parsePath, pathTo, writePath } from "./jsonPath.ts";
import { type JsonDocument, nodeAt, sliceOf } from "./jsonTree.ts";

function read(value: unknown): JsonDocument {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const result = indexJson(text);
  assert.ok(result.ok);
  return { text, index: result.index };
}

function at(json: JsonDocument, part: string): number {
  return nodeAt(json, json.text.indexOf(part));
}

test("a_path_names_keys_short_where_the_standard_allows_it_and_in_brackets_else", () => {
  const json = read({ a: { é_1: { "com espaço": [0, { "it's": { "": { "1a": "X" } } }] } } });
  const path = pathTo(json, at(json, '"X"'));
  assert.equal(path, "$.a.é_1['com espaço'][1]['it\\'s']['']['1a']");
});

test("control_characters_backslashes_and_lone_surrogates_in_keys_are_escaped", () => {
  const json = read('{"a\\n\\\\\\u0001":{"\\ud800":"X"}}');
  assert.equal(pathTo(json, at(json, '"X"')), "$['a\\n\\\\\\u0001']['\\ud800']");
});

test("what_is_written_is_read_and_finds_the_same_node", () => {
  const json = read({ "a'b\"c\\": [{ "x y": [1, { $: "X" }] }], "\t": 2, 日本: { _: [[["Y"]]] } });
  for (let node = 0; node < json.index.size; node += 1) {
    const path = pathTo(json, node);
    const segments = parsePath(path);
    assert.ok(segments, path);
    assert.equal(writePath(segments), path);
    assert.deepEqual(follow(json, segments), [node], path);
  }
});

test("other_spellings_of_a_path_are_read", () => {
  assert.equal(writePath(parsePath('$[ "a" ][ * ].*[ 3 ]') ?? []), "$.a[*][*][3]");
  assert.equal(writePath(parsePath('$[?@["x y"] == "1"]') ?? []), "$[?@['x y']=='1']");
  assert.equal(parsePath("$..a"), undefined);
  assert.equal(parsePath("a.b"), undefined);
  assert.equal(parsePath("$[01]"), undefined);
  assert.equal(parsePath("$.a["), undefined);
});

test("of_repeated_keys_a_path_finds_the_last_as_the_gateway_reads_it", () => {
  const json = read('{"a":1,"a":2}');
  assert.deepEqual(
    follow(json, parsePath("$.a") ?? []).map((n) => sliceOf(json, n)),
    ["2"],
  );
});

test("a_click_outside_lists_offers_one_path", () => {
  const json = read({ lead: { email: "a@b.c" } });
  assert.deepEqual(offersFor(json, at(json, '"a@')), [
    { kind: "this", path: "$.lead.email", finds: 1, values: ["a@b.c"] },
  ]);
});

test("a_click_in_a_form_builders_list_offers_the_item_by_its_name_first", () => {
  const json = read({
    fields: [
      { name: "nome", value: "Ana" },
      { name: "email", id: "f2", value: "ana@x.com" },
    ],
  });
  const offers = offersFor(json, at(json, '"ana@'));
  assert.deepEqual(
    offers.map(({ kind, path, finds }) => [kind, path, finds]),
    [
      ["where", "$.fields[?@.name=='email'].value", 1],
      ["where", "$.fields[?@.id=='f2'].value", 1],
      ["this", "$.fields[1].value", 1],
      ["all", "$.fields[*].value", 2],
    ],
  );
  assert.deepEqual(offers[3]?.values, ["Ana", "ana@x.com"]);
  assert.equal(offers[2]?.index, 1);
});

test("a_naming_key_does_not_pick_itself_and_numbers_do_not_name", () => {
  const json = read({ fields: [{ name: "email", id: 7, value: "x" }] });
  assert.deepEqual(
    offersFor(json, at(json, '"email"')).map((offer) => offer.kind),
    ["this", "all"],
  );
  assert.equal(offersFor(json, at(json, '"x"'))[0]?.path, "$.fields[?@.name=='email'].value");
});

test("a_value_with_quotes_makes_a_filter_that_can_be_read_again", () => {
  const json = read([{ label: "L'o\"r\\", value: "X" }]);
  const [first] = offersFor(json, at(json, '"X"'));
  assert.equal(first?.path, "$[?@.label=='L\\'o\"r\\\\'].value");
  assert.equal(follow(json, parsePath(first.path) ?? []).length, 1);
});

test("of_lists_in_lists_the_innermost_varies", () => {
  const json = read({ o: [{ i: [{ sku: "A" }, { sku: "B" }] }] });
  assert.deepEqual(
    offersFor(json, at(json, '"B"')).map((offer) => offer.path),
    ["$.o[0].i[1].sku", "$.o[0].i[*].sku"],
  );
});
