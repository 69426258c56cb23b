import type { Schemas } from "../../api/configuration.ts";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { useWords } from "../../words/index.ts";
import { curlOf, useUrl } from "../integration/UrlBox.tsx";
import styles from "./Wizard.module.css";

/** Other samples than a webhook of the other system: the catalogue's, a pasted one, one from the terminal. */
export function Ways(props: {
  application: Schemas["Application"] | undefined;
  integration: string;
  onCatalogue: () => void;
  onPaste: () => void;
}) {
  const words = useWords().integrations.wizard;
  const url = useUrl(props.integration, false).data?.url;
  const sample = props.application?.sample;
  const body = typeof sample?.body === "string" ? sample.body : JSON.stringify(sample?.body ?? {});
  return (
    <div className={styles.ways}>
      <h3>{words.otherWays}</h3>
      <div className={styles.wayButtons}>
        <Button onPress={props.onCatalogue}>{words.useCatalogue}</Button>
        <Button onPress={props.onPaste}>{words.paste}</Button>
        {url && (
          <Copy text={curlOf(url, sample?.content_type ?? "application/json", body)}>
            {words.curl}
          </Copy>
        )}
      </div>
    </div>
  );
}
