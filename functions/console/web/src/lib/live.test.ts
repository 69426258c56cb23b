import assert from "node:assert/strict";
import { test } from "node:test";
import { newsOf, type Page, withNews } from "./live.ts";

interface Item {
  id: string;
  minute: number;
  state: string;
}

const at = (item: Item) => `2026-11-29T12:${String(item.minute).padStart(2, "0")}:00Z`;
const item = (minute: number, state = "success"): Item => ({ id: `id_${minute}`, minute, state });
const page = (next: string | null, ...minutes: (number | Item)[]): Page<Item> => ({
  items: minutes.map((one) => (typeof one === "number" ? item(one) : one)),
  count: minutes.length,
  next,
  parameters: { next },
});

/** The minutes of the list after the news of `head`. */
function after(list: readonly Page<Item>[], head: Page<Item>): number[][] {
  const news = newsOf(list, head, at);
  return withNews(list, news, head, at).map(({ items }) => items.map(({ minute }) => minute));
}

test("8.2 rows that came stand on top, changed ones change in place, counters follow", () => {
  const list = [page("c", item(3, "pending"), 2, 1)];
  const head = page("d", 5, 4, 3);
  const news = newsOf(list, head, at);
  assert.deepEqual(
    news.fresh.map(({ minute }) => minute),
    [5, 4],
  );
  assert.deepEqual([...news.changed.keys()], ["id_3"]);
  assert.deepEqual([news.gap, news.gone.size], [false, 0]);
  const [first] = withNews(list, news, { ...head, count: 5 }, at);
  assert.deepEqual(
    first?.items.map(({ minute, state }) => [minute, state]),
    [5, 4, 3, 2, 1].map((minute) => [minute, "success"]),
  );
  assert.deepEqual([first?.count, first?.next, first?.parameters], [5, "c", { next: "c" }]);
});

test("8.2 a row that matches late stands where its time puts it", () => {
  assert.deepEqual(after([page("c", 9, 6, 4), page("d", 3, 1)], page("e", 9, 7, 6, 5, 4, 3, 2)), [
    [9, 7, 6, 5, 4],
    [3, 2, 1],
  ]);
});

test("8.2 moments are compared as times, whose texts leave zeros out", () => {
  const list = { ...page("c"), items: [{ id: "b", text: "2026-11-29T12:00:36.41Z" }] };
  const head = { ...page("d"), items: [{ id: "a", text: "2026-11-29T12:00:36.412Z" }] };
  const news = newsOf([list], head, (row) => row.text);
  assert.deepEqual([news.fresh.length, news.gap], [1, true]);
});

test("8.2 a row below the last that is loaded is no news while more can be loaded", () => {
  assert.deepEqual(newsOf([page("c", 9, 8)], page("d", 9, 8, 7), at).fresh, []);
  assert.deepEqual(after([page(null, 9, 8)], page(null, 9, 8, 7)), [[9, 8, 7]]);
});

test("8.2 rows that no longer match go, those beyond the newest page stay", () => {
  assert.deepEqual(after([page("c", 5, 4, 3, 2)], page("d", 6, 5, 3)), [[6, 5, 3, 2]]);
  assert.deepEqual(after([page(null, 5, 4)], page(null)), [[]]);
});

test("8.2 more than a page of new rows leaves a gap, in which nothing counts as gone", () => {
  const news = newsOf([page(null, 2, 1)], page("c", 9, 8), at);
  assert.deepEqual([news.gap, news.gone.size, news.fresh.length], [true, 0, 2]);
  assert.equal(newsOf([page(null)], page("c", 9), at).gap, false);
  assert.equal(newsOf([page(null, 1)], page(null, 9, 8, 1), at).gap, false);
});
