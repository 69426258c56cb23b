import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { follow, parsePath } from "../../lib/jsonPath.ts";
import type { JsonDocument } from "../../lib/jsonTree.ts";
import { useWords } from "../../words/index.ts";
import { Button } from "../Button.tsx";
import { copyText } from "../clipboard.ts";
import { HexView } from "./HexView.tsx";
import styles from "./Json.module.css";
import type { Whole } from "./RowMenu.tsx";
import { SHORT, warmWorker } from "./reader.ts";
import { TextView } from "./TextView.tsx";
import { Toolbar, type View } from "./Toolbar.tsx";
import { Tree } from "./Tree.tsx";
import { type Reading, useDocument } from "./useDocument.ts";
import { useSearch } from "./useSearch.ts";
import { useTree } from "./useTree.ts";
import { WholeDialog } from "./WholeDialog.tsx";

/** A path whose nodes are marked with a label, such as the field that reads it. */
export interface PathMark {
  readonly path: string;
  readonly label: string;
}

/** The value of a row that was chosen for use. */
export interface Picked {
  readonly json: JsonDocument;
  readonly node: number;
}

export interface JsonProps {
  /** The text as it came; never an object, whose digits and repeated keys are lost. */
  text: string;
  /** The bytes as they came, for the view of digits. */
  bytes?: Uint8Array | undefined;
  /** The accessible name. */
  label: string;
  /** A path (`node=`) that is opened and has the focus at first. */
  node?: string | undefined;
  linkTo?: ((path: string) => string) | undefined;
  onUse?: ((picked: Picked) => void) | undefined;
  marks?: readonly PathMark[] | undefined;
  /** Buttons at the end of the toolbar. */
  children?: ReactNode;
}

/** Begins what a text of that many bytes will need, while it is on its way. */
export function expectText(bytes: number): void {
  if (bytes > SHORT) warmWorker();
}

/** Shows a payload: as a tree, as text, or as digits. Fills the height of its box. */
export function Json(props: JsonProps) {
  const reading = useDocument(props.text);
  const { json: words } = useWords();
  if (reading.kind === "reading") return <p className={styles.reading}>{words.reading}</p>;
  if (reading.kind === "failed") return <p className={styles.reading}>{words.failed}</p>;
  return <Viewer key={reading.kind} {...props} reading={reading} />;
}

/** For how long a copy is said to be done. */
const SAID_MS = 2_000;

function useSaid(): [string, (text: string) => void] {
  const [said, setSaid] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [
    said,
    (text) => {
      clearTimeout(timer.current);
      setSaid(text);
      timer.current = setTimeout(() => setSaid(""), SAID_MS);
    },
  ];
}

/** Text of no encoding that is in use holds a byte of zero. */
const isBinary = (bytes: Uint8Array | undefined) => bytes?.subarray(0, 4_096).includes(0) ?? false;

type ReadText = Extract<Reading, { kind: "json" | "broken" }>;

function Viewer(props: JsonProps & { reading: ReadText }) {
  const { reading, bytes } = props;
  const { json: words } = useWords();
  const isTree = reading.kind === "json";
  const [view, setView] = useState<View>(() =>
    isTree ? "tree" : isBinary(bytes) ? "hex" : "text",
  );
  const [formatted, setFormatted] = useState(false);
  const [whole, setWhole] = useState<Whole>();
  const [said, say] = useSaid();
  const within = view === "tree" ? "tree" : formatted ? "formatted" : "text";
  const { found, search } = useSearch(reading.reader, within);
  const views: View[] = [
    ...(isTree ? ["tree" as const] : []),
    "text",
    ...(bytes ? ["hex" as const] : []),
  ];

  async function copy(text: string) {
    if (await copyText(text)) say(words.copied);
    else setWhole({ title: words.copyByHand, text });
  }

  const place =
    found?.at[found.current] ?? (reading.kind === "broken" ? reading.fault.at : undefined);
  return (
    <div className={styles.json}>
      <Toolbar
        views={views}
        view={view}
        onView={setView}
        search={view === "hex" ? undefined : (query, step) => void search(query, step)}
        found={found}
        said={said}
      >
        {view === "text" && isTree && (
          <Button small kind="quiet" pressed={formatted} onPress={() => setFormatted(!formatted)}>
            {words.formatted}
          </Button>
        )}
        {props.children}
      </Toolbar>
      {reading.kind === "broken" && view === "text" && (
        <p className={styles.fault}>
          {words.fault(
            words.faults[reading.fault.reason],
            reading.fault.line,
            reading.fault.column,
          )}
        </p>
      )}
      <div className={styles.body}>
        {view === "tree" && reading.kind === "json" && (
          <TreeView
            {...props}
            json={reading.json}
            matches={found?.at}
            current={found?.at[found.current]}
            onCopy={(text) => void copy(text)}
            onWhole={setWhole}
          />
        )}
        {view === "text" && (
          <TextView
            reader={reading.reader}
            formatted={formatted}
            label={props.label}
            place={place}
          />
        )}
        {view === "hex" && bytes && <HexView bytes={bytes} label={props.label} />}
      </div>
      <WholeDialog whole={whole} onClose={() => setWhole(undefined)} />
    </div>
  );
}

function TreeView(
  props: JsonProps & {
    json: JsonDocument;
    matches: Uint32Array | undefined;
    current: number | undefined;
    onCopy: (text: string) => void;
    onWhole: (whole: Whole) => void;
  },
) {
  const { json, current, marks, onUse } = props;
  const control = useTree(json, props.node);
  const { show } = control;
  useEffect(() => {
    if (current !== undefined) show(current);
  }, [current, show]);
  const matches = useMemo(() => new Set(props.matches), [props.matches]);
  const marked = useMemo(() => markedNodes(json, marks ?? []), [json, marks]);
  return (
    <Tree
      json={json}
      label={props.label}
      control={control}
      matches={matches}
      marks={marked}
      onCopy={props.onCopy}
      onWhole={props.onWhole}
      linkTo={props.linkTo}
      onUse={onUse && ((node) => onUse({ json, node }))}
    />
  );
}

/** A path may find many values; only the first ones are marked. */
const MOST_MARKED = 200;

function markedNodes(json: JsonDocument, marks: readonly PathMark[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const { path, label } of marks) {
    const segments = parsePath(path);
    if (segments === undefined) continue;
    for (const node of follow(json, segments, MOST_MARKED)) {
      const labels = found.get(node) ?? [];
      if (!labels.includes(label)) found.set(node, [...labels, label]);
    }
  }
  return found;
}
