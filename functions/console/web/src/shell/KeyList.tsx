import type { ReactNode } from "react";
import { keysOf } from "../lib/keys.ts";
import { changePreferences, usePreferences } from "../lib/preferences.ts";
import { Aria } from "../ui/Aria.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Switch } from "../ui/Switch.tsx";
import { useWords } from "../words/index.ts";
import styles from "./KeyList.module.css";
import type { Nav } from "./useNav.ts";

/** Every key that acts, from the table that the handlers read. */
export function KeyList({ nav, onClose }: { nav: Nav; onClose: () => void }) {
  const { keys: w, common } = useWords();
  const { shortcuts } = usePreferences();
  const built = new Set<string>(nav.groups.flatMap(({ items }) => items.map(({ key }) => key)));
  const acts = (["anywhere", "list", "detail"] as const).map((where) => ({
    where,
    rows: keysOf(where).map((key) => ({ ...key, text: w.acts[key.id] })),
  }));
  const go = keysOf("go")
    .filter(({ id }) => built.has(id))
    .map((key) => ({ ...key, text: common.nav[key.id] }));
  return (
    <Aria>
      <Dialog
        title={w.title}
        width="large"
        dismissable
        onClose={onClose}
        footer={
          <div className={styles.letters}>
            <Switch
              selected={shortcuts}
              onChange={(next) => changePreferences({ shortcuts: next })}
            >
              {w.letters}
            </Switch>
            <p>{w.hint}</p>
          </div>
        }
      >
        <div className={styles.groups}>
          {[...acts, { where: "go" as const, rows: go }].map(({ where, rows }) => (
            <section key={where} className={styles.group} aria-labelledby={`keys-${where}`}>
              <h3 id={`keys-${where}`}>{w.where[where]}</h3>
              <dl>
                {rows.map(({ id, press, text, always }) => (
                  <div
                    key={id}
                    className={styles.row}
                    data-off={(!always && !shortcuts) || undefined}
                  >
                    <dt>{text}</dt>
                    <dd>
                      <Press press={press} then={where === "go"} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </Dialog>
    </Aria>
  );
}

/** The keys of a press: together, or one after the other. */
function Press({ press, then }: { press: string; then: boolean }): ReactNode {
  const { keys: w } = useWords();
  return press.split(" ").map((key, at) => (
    <span key={key}>
      {at > 0 && <span className={styles.join}>{then ? w.afterwards : "+"}</span>}
      <kbd>{key === "Space" ? w.space : key}</kbd>
    </span>
  ));
}
