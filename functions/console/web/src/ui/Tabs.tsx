import { type ReactNode, useEffect, useRef } from "react";
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from "react-aria-components";
import { cx } from "./cx.ts";
import styles from "./Tabs.module.css";

export type TabItem<Id extends string> = {
  id: Id;
  label: string;
  /** A number beside the label. */
  count?: string | undefined;
  /** A second, quieter number, such as a share. */
  share?: string | undefined;
  tone?: "bad" | "wait" | "ok" | undefined;
};

/** Tabs whose choice is in the address. Only the panel that is open is drawn: `children` is its content. */
export function Tabs<Id extends string>(props: {
  label: string;
  items: readonly TabItem<Id>[];
  selected: Id;
  onSelect: (id: Id) => void;
  children: ReactNode;
}) {
  const list = useRef<HTMLDivElement>(null);
  const { selected } = props;
  useEffect(() => {
    // On narrow screens the tabs scroll; the one that is open may lie outside.
    const box = list.current;
    const tab = box?.querySelector(`[role=tab][data-key="${CSS.escape(selected)}"]`);
    if (!box || !tab) return;
    const [inside, whole] = [tab.getBoundingClientRect(), box.getBoundingClientRect()];
    if (inside.right > whole.right) box.scrollLeft += inside.right - whole.right;
    else if (inside.left < whole.left) box.scrollLeft -= whole.left - inside.left;
  }, [selected]);
  return (
    <AriaTabs
      selectedKey={props.selected}
      onSelectionChange={(key) => {
        const item = props.items.find(({ id }) => id === key);
        if (item && item.id !== props.selected) props.onSelect(item.id);
      }}
      // Arrows move without choosing: a choice asks the server.
      keyboardActivation="manual"
      className={cx(styles.tabs)}
    >
      <TabList ref={list} aria-label={props.label} className={cx(styles.list)}>
        {props.items.map((item) => (
          <Tab key={item.id} id={item.id} className={cx(styles.tab)}>
            <span>{item.label}</span>
            {item.count !== undefined && (
              <span className={styles.count} data-tone={item.tone}>
                {item.count}
                {item.share && <span className={styles.share}>{item.share}</span>}
              </span>
            )}
          </Tab>
        ))}
      </TabList>
      {/* A panel keeps the id that it was mounted with, which its tab names. */}
      <TabPanel key={props.selected} id={props.selected} className={cx(styles.panel)}>
        {props.children}
      </TabPanel>
    </AriaTabs>
  );
}
