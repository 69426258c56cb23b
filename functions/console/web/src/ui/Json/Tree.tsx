import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { canOpen, parentOf, type Row as RowOf, rowId } from "../../lib/jsonRows.ts";
import { isContainer, type JsonDocument, repeatedKeys } from "../../lib/jsonTree.ts";
import { Row } from "./Row.tsx";
import { RowMenu, type Whole } from "./RowMenu.tsx";
import styles from "./Tree.module.css";
import { pressKey, type TreeControl, typedAhead } from "./useTree.ts";
import { useVirtual } from "./useVirtual.ts";

export const ROW_HEIGHT = 24;

/** The type under which a dragged row gives its node. */
export const DRAGGED_NODE = "application/x-gancho-node";

/** Objects with more children are not looked through for repeated keys while they are drawn. */
const MOST_CHILDREN_CHECKED = 20_000;

export interface TreeProps {
  json: JsonDocument;
  label: string;
  control: TreeControl;
  matches: ReadonlySet<number>;
  marks: ReadonlyMap<number, readonly string[]>;
  onCopy: (text: string) => void;
  onWhole: (whole: Whole) => void;
  linkTo: ((path: string) => string) | undefined;
  onUse: ((node: number) => void) | undefined;
}

function useRepeated(json: JsonDocument) {
  const known = useMemo(
    () => ({ of: json, found: new Map<number, ReadonlySet<number>>() }),
    [json],
  );
  return (parent: RowOf | undefined, node: number): boolean => {
    if (parent === undefined) return false;
    if ((json.index.count[parent.node] ?? 0) > MOST_CHILDREN_CHECKED) return false;
    const found = known.found.get(parent.node) ?? repeatedKeys(json, parent.node);
    known.found.set(parent.node, found);
    return found.has(node);
  };
}

/** Letters typed one after another within this time are one beginning of a key. */
const TYPING_MS = 700;

function useTyping() {
  const typed = useRef({ text: "", at: 0 });
  return (letter: string): string => {
    const now = performance.now();
    const goesOn = now - typed.current.at < TYPING_MS;
    typed.current = { text: goesOn ? typed.current.text + letter : letter, at: now };
    return typed.current.text;
  };
}

/** The unfolded value: a tree for the keyboard and for readers, of which only the rows on screen are drawn. */
export function Tree(props: TreeProps) {
  const { json, control, onUse } = props;
  const { tree, move, toggle } = control;
  const virtual = useVirtual(tree.rows.list.length, ROW_HEIGHT);
  const [menuOpen, setMenuOpen] = useState(false);
  const id = useId();
  const isRepeated = useRepeated(json);
  const typing = useTyping();
  const active = tree.rows.list[tree.active];
  const { scrollTo } = virtual;

  useEffect(() => scrollTo(tree.active), [tree.active, scrollTo]);

  function use(node: number) {
    if (onUse && !isContainer(json, node)) onUse(node);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (active === undefined) return;
    const opensMenu = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
    if (opensMenu) {
      if (active.block === undefined) setMenuOpen(true);
    } else if (event.key === "Enter" || event.key === " ") {
      if (canOpen(json, active)) toggle(tree.active);
      else use(active.node);
    } else if (!pressKey(json, control, event.key, virtual.page)) {
      if (event.key.length !== 1) return;
      const found = typedAhead(json, tree, typing(event.key));
      if (found !== undefined) move(found);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  const drawn = tree.rows.list.slice(virtual.first, virtual.last);
  const isActiveDrawn = tree.active >= virtual.first && tree.active < virtual.last;
  return (
    <div
      ref={virtual.ref}
      onScroll={virtual.onScroll}
      role="tree"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant={isActiveDrawn && active ? `${id}${rowId(active)}` : undefined}
      className={styles.tree}
      onKeyDown={onKeyDown}
    >
      <div role="none" style={{ height: virtual.height }}>
        <div
          role="none"
          className={styles.rows}
          style={{ transform: `translateY(${virtual.offset}px)` }}
        >
          {drawn.map((row, i) => {
            const at = virtual.first + i;
            const isActive = at === tree.active;
            return (
              <Row
                key={rowId(row)}
                id={`${id}${rowId(row)}`}
                json={json}
                row={row}
                isOpen={tree.rows.open.has(rowId(row))}
                isActive={isActive}
                isMatch={row.block === undefined && props.matches.has(row.node)}
                isRepeated={
                  row.block === undefined &&
                  isRepeated(tree.rows.list[parentOf(tree.rows, at)], row.node)
                }
                marks={(row.block === undefined && props.marks.get(row.node)) || []}
                draggable={
                  onUse !== undefined && row.block === undefined && !isContainer(json, row.node)
                }
                onDrag={(data) => data.setData(DRAGGED_NODE, String(row.node))}
                onPress={() => {
                  if (canOpen(json, row)) toggle(at);
                  else {
                    move(at);
                    use(row.node);
                  }
                }}
              >
                {isActive && row.block === undefined && (
                  <RowMenu
                    json={json}
                    node={row.node}
                    isOpen={menuOpen}
                    onOpenChange={setMenuOpen}
                    onCopy={props.onCopy}
                    onWhole={props.onWhole}
                    linkTo={props.linkTo}
                    onUse={isContainer(json, row.node) ? undefined : onUse}
                  />
                )}
              </Row>
            );
          })}
        </div>
      </div>
    </div>
  );
}
