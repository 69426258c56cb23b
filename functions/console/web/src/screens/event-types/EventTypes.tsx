import { useState } from "react";
import { type Schemas, useEventTypes } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { cx } from "../../ui/cx.ts";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./EventTypes.module.css";
import { Publish } from "./Publish.tsx";
import { eventTypesSearch } from "./search.ts";
import { TypeDetail } from "./TypeDetail.tsx";

type Entry = Schemas["EventTypeEntry"];

/** C-26: the event types, their fields, and publishing one. */
export function EventTypes() {
  const { common, rules } = useWords();
  const w = rules.types;
  const [search, change] = useAddress(eventTypesSearch);
  const types = useEventTypes();
  const may = useMay("operator");
  const [publishing, setPublishing] = useState(false);
  const shown = types.data?.find((one) => one.type === search.type) ?? types.data?.[0];
  return (
    <Page
      title={w.title}
      description={w.about}
      actions={
        <Button
          kind="primary"
          icon="send"
          onPress={() => setPublishing(true)}
          reason={may ? undefined : common.needs.operator}
        >
          {w.publish}
        </Button>
      }
    >
      {types.error && <Problem error={types.error} onRetry={() => void types.refetch()} />}
      {types.isPending && <Skeleton lines={10} />}
      {shown && types.data && (
        <div className={styles.split}>
          <TypeList types={types.data} shown={shown.type} onShow={(type) => change({ type })} />
          <TypeDetail entry={shown} />
        </div>
      )}
      {publishing && (
        <Publish types={types.data ?? []} first={shown} onClose={() => setPublishing(false)} />
      )}
    </Page>
  );
}

function TypeList(props: {
  types: readonly Entry[];
  shown: string;
  onShow: (type: string) => void;
}) {
  const { rules } = useWords();
  const language = useLanguage();
  const entities: Readonly<Record<string, string>> = rules.when.entities;
  const groups = new Map<string, Entry[]>();
  for (const one of props.types) groups.set(one.entity, [...(groups.get(one.entity) ?? []), one]);
  return (
    <nav aria-label={rules.types.list} className={styles.list}>
      {[...groups].map(([entity, group]) => (
        <section key={entity}>
          <h2 className={styles.entity}>{entities[entity] ?? entity}</h2>
          <ul>
            {group.map((one) => (
              <li key={one.type}>
                <button
                  type="button"
                  className={cx(styles.type, one.type === props.shown && styles.shown)}
                  aria-current={one.type === props.shown ? "true" : undefined}
                  onClick={() => props.onShow(one.type)}
                >
                  {one.label[language]}
                  <code>{one.type}</code>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
