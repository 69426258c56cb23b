import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

type Pair = { light: string; dark: string };

const tokens = new Map<string, Pair>(
  [...css.matchAll(/(--[a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const BACKGROUNDS = ["--bg", "--surface", "--accent-soft", "--bad-soft", "--wait-soft"];

/** Foreground, backgrounds, least contrast: 7 for text, 4.5 for other text, 3 for edges of controls. */
const PAIRS: [string, string[], number][] = [
  ["--text", BACKGROUNDS, 7],
  ["--text", ["--selection"], 4.5],
  ["--muted", BACKGROUNDS, 4.5],
  ["--quiet", BACKGROUNDS, 4.5],
  ["--accent", ["--bg", "--surface", "--accent-soft"], 4.5],
  ["--ok", ["--bg", "--surface", "--accent-soft"], 4.5],
  ["--bad", ["--bg", "--surface", "--bad-soft", "--accent-soft"], 4.5],
  ["--wait", ["--bg", "--surface", "--wait-soft", "--accent-soft"], 4.5],
  ["--on-accent", ["--accent", "--bad"], 4.5],
  ["--focus", ["--bg", "--surface"], 3],
  ["--edge", ["--bg", "--surface"], 3],
];

function token(name: string): Pair {
  const pair = tokens.get(name);
  assert.ok(pair, `${name} is in tokens.css`);
  return pair;
}

test("every pair of colours has its contrast, light and dark", () => {
  for (const [front, backs, least] of PAIRS) {
    for (const back of backs) {
      for (const theme of ["light", "dark"] as const) {
        const ratio = contrast(token(front)[theme], token(back)[theme]);
        assert.ok(ratio >= least, `${front} on ${back}, ${theme}: ${ratio.toFixed(2)} of ${least}`);
      }
    }
  }
});

test("contrast is computed as WCAG does", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(1), "21.0");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});
