import assert from "node:assert/strict";
import { test } from "node:test";
import { createScreen } from "./screen.ts";

const Component = () => null;

test("a screen is loaded once, however often it is asked for", async () => {
  let loads = 0;
  const screen = createScreen(async () => {
    loads += 1;
    return Component;
  });
  assert.equal(screen.loaded(), null);
  await Promise.all([screen.load(), screen.load()]);
  assert.deepEqual([screen.loaded(), screen.load(), loads], [{ Component }, null, 1]);
});

test("a screen that could not be loaded says why, and can be asked for again", async () => {
  const error = new Error("the network");
  let works = false;
  const screen = createScreen(async () => {
    if (!works) throw error;
    return Component;
  });
  await screen.load();
  assert.deepEqual(screen.loaded(), { error });
  works = true;
  await screen.load();
  assert.deepEqual(screen.loaded(), { Component });
});
