/** The place in which a key acts; under a dialog none does, over a modal drawer only those of its detail. */
export type Where = "go" | "anywhere" | "list" | "detail";

/** A key press, as an event of the keyboard has it. */
export interface Press {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  getModifierState?: (name: "AltGraph") => boolean;
}

interface Spelling {
  /** The keys of a press with a space between; those of `go` come one after the other. */
  readonly press: string;
  readonly where: Where;
  /** A part of the page takes it by itself, letters switched off or not. */
  readonly always?: true;
}

/**
 * Every key of the console, in the order of its list. The handlers ask `keyOf`, and the list of `?` shows this
 * table. The names under `go` are those of the left bar.
 */
const KEYS = {
  palette: { press: "Ctrl K", where: "anywhere", always: true },
  keys: { press: "?", where: "anywhere" },
  search: { press: "/", where: "anywhere" },
  filter: { press: "f", where: "anywhere" },
  clear: { press: "x", where: "anywhere" },
  live: { press: "Shift L", where: "anywhere" },

  home: { press: "g h", where: "go" },
  history: { press: "g w", where: "go" },
  deliveries: { press: "g d", where: "go" },
  endpoints: { press: "g e", where: "go" },
  rules: { press: "g r", where: "go" },
  integrations: { press: "g i", where: "go" },
  timeline: { press: "g t", where: "go" },
  notices: { press: "g n", where: "go" },
  jobs: { press: "g j", where: "go" },

  down: { press: "j", where: "list" },
  up: { press: "k", where: "list" },
  open: { press: "Enter", where: "list", always: true },
  whole: { press: "o", where: "list" },
  select: { press: "Space", where: "list", always: true },
  all: { press: "Shift A", where: "list" },
  menu: { press: "Shift F10", where: "list", always: true },

  previous: { press: "[", where: "detail" },
  next: { press: "]", where: "detail" },
  copy: { press: "c", where: "detail" },
  link: { press: "l", where: "detail" },
  page: { press: "o", where: "detail" },
  again: { press: "p", where: "detail" },
  close: { press: "Esc", where: "detail", always: true },
} as const satisfies Record<string, Spelling>;

type Table = typeof KEYS;
export type KeyId = keyof Table;
type Of<W extends Where> = {
  [Id in KeyId]: Table[Id] extends { where: W } ? Id : never;
}[KeyId];
export type GoKey = Of<"go">;
export type ActKey = Exclude<KeyId, GoKey>;

const entries = Object.entries(KEYS) as [KeyId, Spelling][];

/** The keys of a place, in the order of the table. */
export function keysOf<W extends Where>(where: W): { id: Of<W>; press: string; always: boolean }[] {
  return entries
    .filter(([, key]) => key.where === where)
    .map(([id, { press, always = false }]) => ({ id: id as Of<W>, press, always }));
}

/** A single character with Shift where it is a letter's; null where the press belongs to the browser. */
function spelled(press: Press): string | null {
  // Some keyboards write `[` with AltGr, which Windows reports as Ctrl and Alt.
  const written = press.getModifierState?.("AltGraph") ?? false;
  if (!written && (press.ctrlKey || press.altKey || press.metaKey)) return null;
  const { key } = press;
  if ([...key].length !== 1) return null;
  const [lower, upper] = [key.toLowerCase(), key.toUpperCase()];
  if (lower === upper) return key;
  return press.shiftKey ? `Shift ${upper}` : lower;
}

/** The key of a place that a press is; `before` is the letter pressed just before it. */
export function keyOf<W extends Where>(press: Press, where: W, before = ""): Of<W> | undefined {
  const letter = spelled(press);
  if (letter === null) return undefined;
  const all = before === "" ? letter : `${before} ${letter}`;
  return keysOf(where).find((key) => !key.always && key.press === all)?.id;
}

/** The press that opens the menu of a row. */
export function rowMenuKey(press: Press): boolean {
  return press.key === "ContextMenu" || (press.key === "F10" && press.shiftKey);
}
