import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { pathTo } from "../../lib/jsonPath.ts";
import { decode, LONGEST } from "../../lib/jsonShow.ts";
import {
  formatJson,
  isContainer,
  type JsonDocument,
  keyOf,
  lengthOf,
  scalarText,
} from "../../lib/jsonTree.ts";
import { useWords } from "../../words/index.ts";
import { Icon } from "../Icon.tsx";
import styles from "./Tree.module.css";

/** A text that is shown beside the tree: a value that its row cuts, or one decoded. */
export interface Whole {
  readonly title: string;
  readonly text: string;
}

export interface RowMenuProps {
  json: JsonDocument;
  node: number;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onCopy: (text: string) => void;
  onWhole: (whole: Whole) => void;
  /** The address that opens the viewer at a path. */
  linkTo: ((path: string) => string) | undefined;
  onUse: ((node: number) => void) | undefined;
}

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly run: () => void;
}

function useEntries(props: RowMenuProps): Entry[] {
  const { json, node, linkTo, onUse } = props;
  const { json: words } = useWords();
  if (!props.isOpen) return [];
  const path = pathTo(json, node);
  const isScalar = !isContainer(json, node);
  const entries: Entry[] = [];
  if (onUse) entries.push({ id: "use", label: words.use, run: () => onUse(node) });
  if (isScalar) {
    const value = () => props.onCopy(scalarText(json, node));
    entries.push({ id: "value", label: words.copyValue, run: value });
  }
  entries.push(
    { id: "path", label: words.copyPath, run: () => props.onCopy(path) },
    { id: "json", label: words.copyAsJson, run: () => props.onCopy(formatJson(json, node)) },
  );
  if (linkTo)
    entries.push({ id: "link", label: words.copyLink, run: () => props.onCopy(linkTo(path)) });
  const title = keyOf(json, node) ?? path;
  if (isScalar && lengthOf(json, node) > LONGEST) {
    const whole = () => props.onWhole({ title, text: scalarText(json, node) });
    entries.push({ id: "whole", label: words.showWhole, run: whole });
  }
  const decoded = isScalar ? decode(json, node) : undefined;
  if (decoded !== undefined) {
    const show = () => props.onWhole({ title, text: decoded.text });
    entries.push({ id: "decoded", label: words.showDecoded[decoded.form], run: show });
  }
  return entries;
}

/** The menu of the active row: copies of its value, and ways to use it. */
export function RowMenu(props: RowMenuProps) {
  const { json: words } = useWords();
  const entries = useEntries(props);
  return (
    <MenuTrigger isOpen={props.isOpen} onOpenChange={props.onOpenChange}>
      <Button className={styles.menuButton ?? ""} aria-label={words.actions} excludeFromTabOrder>
        <Icon name="dots" />
      </Button>
      <Popover className={styles.popover ?? ""} placement="bottom end">
        <Menu className={styles.menu ?? ""} aria-label={words.actions} items={entries}>
          {(entry) => (
            <MenuItem className={styles.menuItem ?? ""} onAction={entry.run}>
              {entry.label}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
