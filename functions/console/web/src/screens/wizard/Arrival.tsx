import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { sizeText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { treeQuery } from "../mapping/sample.ts";
import { firstFields } from "./firstFields.ts";
import styles from "./Wizard.module.css";

/** Bytes of a payload that is read for a glimpse; a larger one is opened in the next step. */
const GLIMPSED = 64 * 1024;

/** A webhook that came: its time, method and size, and the first fields by which it is known again. */
export function Arrival(props: { webhook: Schemas["Webhook"]; origin: string; onUse: () => void }) {
  const { webhook } = props;
  const { history, integrations } = useWords();
  const words = integrations.wizard;
  const language = useLanguage();
  const tree = useQuery({
    ...treeQuery(useClient(), props.origin, webhook.id),
    enabled: webhook.size <= GLIMPSED,
    // A body that cannot be read as a tree has no fields to show.
    retry: false,
  });
  const fields = tree.data === undefined ? [] : firstFields(tree.data);
  return (
    <div className={styles.arrival}>
      <div className={styles.arrivalText}>
        <p className={styles.arrivalHead}>
          <Time at={webhook.received_at} />
          <span>{webhook.method}</span>
          <span>{sizeText(webhook.size, language)}</span>
          {webhook.test && <span>{history.test.mark}</span>}
        </p>
        {fields.length > 0 && (
          <p className={styles.hint}>
            {fields.map(({ key, value }) => (
              <bdi key={`${key} ${value}`} className={styles.glimpse}>
                {plainText(key, 40)}: {plainText(value, 60)}
              </bdi>
            ))}
          </p>
        )}
      </div>
      <Button small onPress={props.onUse}>
        {words.use}
      </Button>
    </div>
  );
}
