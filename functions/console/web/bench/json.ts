// Times of the JSON viewer's pure parts, for the budgets of a 6 MB text and of a list of a million:
// node bench/json.ts
import { indexJson } from "../src/lib/jsonIndex.ts";
import { firstRows, openRow } from "../src/lib/jsonRows.ts";
import { searchJson } from "../src/lib/jsonSearch.ts";
import { cutText } from "../src/lib/jsonText.ts";
import { formatJson, type JsonDocument } from "../src/lib/jsonTree.ts";

function sixMegabytes(): string {
  const items: unknown[] = [];
  for (let i = 0; i < 22_000; i += 1) {
    items.push({
      id: `ord_${i}`,
      total: (i * 37.5).toFixed(2),
      buyer: {
        name: `Cliente ${i} "da Silva"`,
        email: `cliente${i}@example.com`,
        phone: "+5511987654321",
      },
      tags: ["novo", "site"],
      items: [{ sku: `A-${i}`, quantity: i % 7, price: i / 3 }],
      shipped: i % 2 === 0,
      note: null,
    });
  }
  return JSON.stringify({ orders: items });
}

function read(text: string): JsonDocument {
  const result = indexJson(text);
  if (!result.ok) throw new Error(result.fault.reason);
  return { text, index: result.index };
}

function timed<T>(name: string, budget: number, run: () => T): T {
  const times: number[] = [];
  let value = run();
  for (let i = 0; i < 5; i += 1) {
    const from = performance.now();
    value = run();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const middle = times[2] ?? 0;
  const verdict = middle <= budget ? "within" : "OVER";
  process.stdout.write(`${name}: ${middle.toFixed(0)} ms, ${verdict} ${budget} ms\n`);
  return value;
}

const text = sixMegabytes();
process.stdout.write(`${(text.length / 1024 / 1024).toFixed(1)} MB\n`);
const large = timed("index", 300, () => read(text));
process.stdout.write(`${large.index.size} values\n`);
timed("first rows", 100, () => firstRows(large));
timed("unfold the list and a block", 100, () =>
  openRow(large, openRow(large, firstRows(large), 1), 2),
);
timed("search", 300, () => searchJson(large, "cliente21999@"));
timed("path with a filter", 300, () => searchJson(large, "$.orders[?@.id=='ord_21999'].buyer"));
timed("format", 1_000, () => formatJson(large));
timed("cut into rows", 300, () => cutText(text));

const million = `[${Array.from({ length: 1_000_000 }, (_, i) => i).join(",")}]`;
const list = timed("index of a million", 300, () => read(million));
timed("first rows of a million", 250, () => firstRows(list));
timed("unfold a block of a million", 250, () => openRow(list, firstRows(list), 900));
