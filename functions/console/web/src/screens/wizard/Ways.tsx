import type { Schemas } from "../../api/configuration.ts";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { useWords } from "../../words/index.ts";
import { TestAnswer, TestButton, useTest } from "../integration/SendTest.tsx";
import { curlOf, useUrl } from "../integration/UrlBox.tsx";
import type { Integration } from "../integration/useChange.ts";
import styles from "./Wizard.module.css";

/** Other samples than a webhook of the other system: the catalogue's, a pasted one, one from the terminal. */
export function Ways(props: {
  application: Schemas["Application"] | undefined;
  integration: Integration;
  onCatalogue: () => void;
  onPaste: () => void;
}) {
  const words = useWords().integrations.wizard;
  const test = useTest(props.integration);
  const url = useUrl(props.integration.id, false).data?.url;
  const sample = props.application?.sample;
  const body = typeof sample?.body === "string" ? sample.body : JSON.stringify(sample?.body ?? {});
  return (
    <div className={styles.ways}>
      <h3>{words.otherWays}</h3>
      <div className={styles.wayButtons}>
        <TestButton test={test} />
        <Button onPress={props.onCatalogue}>{words.useCatalogue}</Button>
        <Button onPress={props.onPaste}>{words.paste}</Button>
        {url && (
          <Copy text={curlOf(url, sample?.content_type ?? "application/json", body)}>
            {words.curl}
          </Copy>
        )}
      </div>
      <TestAnswer test={test} integration={props.integration} />
    </div>
  );
}
