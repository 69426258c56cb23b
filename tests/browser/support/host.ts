import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = process.env.GANCHO_HOST ?? `${ROOT}target/debug/local`;
/** Milliseconds until a host that says nothing is given up. */
const START = 60_000;

/** A local host of its own: nothing stored, no demo, a free port. */
export type Host = {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  base: string;
  /** The one-click address of the console, which signs in. */
  link: string;
  /** An admin key of the workspace that the host starts with. */
  key: string;
  /** The deployment owner's key, which makes workspaces. */
  ownerKey: string;
  /** The URL of the built-in inbox. */
  inbox: string;
  stop: () => Promise<void>;
};

/** Starts a host and waits until it serves. */
export async function startHost(): Promise<Host> {
  const child = spawn(PROGRAM, ["--port", "0", "--memory", "--no-demo"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = await printed(child, ["console", "api-key", "owner-key", "inbox-url"]);
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return {
    link: lines.console,
    base: new URL(lines.console).origin,
    key: lines["api-key"],
    ownerKey: lines["owner-key"],
    inbox: lines["inbox-url"],
    stop,
  };
}

/** Reads `name: value` lines until each of `names` was printed. */
async function printed<Name extends string>(
  child: ChildProcess,
  names: Name[],
): Promise<Record<Name, string>> {
  const { stdout } = child;
  if (!stdout) throw new Error("the host has no output");
  const found = new Map<string, string>();
  const late = setTimeout(() => child.kill("SIGKILL"), START);
  const reader = createInterface({ input: stdout });
  for await (const line of reader) {
    const named = /^([a-z-]+):\s+(\S+)/.exec(line);
    if (named?.[1] && named[2]) found.set(named[1], named[2]);
    if (names.every((name) => found.has(name))) break;
  }
  clearTimeout(late);
  stdout.resume();
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`the host did not print: ${missing.join(", ")}`);
  return Object.fromEntries(found) as Record<Name, string>;
}
