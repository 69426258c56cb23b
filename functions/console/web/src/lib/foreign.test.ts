import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, middle, pieces, plainText } from "./foreign.ts";

const shown = (text: string): string =>
  pieces(text)
    .map((p) => (p.mark ? `[${p.text}]` : p.text))
    .join("");

test("what would not be seen is marked", () => {
  assert.equal(shown("a\u0000b"), "a[␀]b");
  assert.equal(shown("abc\u202Etxt.exe"), "abc[⟨U+202E⟩]txt.exe");
  assert.equal(shown("\u200bx\ufeff"), "[⟨U+200B⟩]x[⟨U+FEFF⟩]");
  assert.equal(shown("\ud83d"), "[⟨U+D83D⟩]");
  assert.equal(shown("\u0085\u007f"), "[⟨U+0085⟩][␡]");
});

test("what is seen stays: markup, accents, emoji, tabs, lines", () => {
  for (const text of ["<img onerror=alert(1)>", "João 😀", "a\tb\nc", "日本語", "{{7*7}}"]) {
    assert.equal(shown(text), text);
  }
});

test("a cut leaves no half of a pair", () => {
  assert.equal(cut("ab😀", 3), "ab");
  assert.equal(cut("ab😀", 4), "ab😀");
  assert.equal(cut("abc", 2), "ab");
});

test("a long URL keeps both ends", () => {
  assert.equal(middle("https://erp.example.com/hooks/orders", 21), "https://erp.…s/orders");
  assert.equal([...middle("x".repeat(100), 21)].length, 21);
  assert.equal(middle("short", 21), "short");
});

test("a name is one line of at most so many characters", () => {
  assert.equal(plainText("x".repeat(300)).length, 200);
  assert.equal(plainText("a\u202eb"), "a⟨U+202E⟩b");
});
