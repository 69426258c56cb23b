import { useEndpoints } from "../../api/configuration.ts";
import type { SendPreview } from "../../api/deliveries.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Mark, useStatusWord } from "../../ui/StatusMark.tsx";
import { useWords } from "../../words/index.ts";
import { RequestView } from "../delivery/RequestView.tsx";
import styles from "./Deliveries.module.css";
import { targetName } from "./words.ts";

/** Every request that would go, with the state of its endpoint. */
export function PreviewedRequests({ preview }: { preview: SendPreview }) {
  const texts = useWords().deliveries;
  const endpoints = useEndpoints().data ?? [];
  const word = useStatusWord();
  return preview.requests.map(({ delivery, request, query }) => {
    const endpoint = endpoints.find(({ id }) => id === delivery.endpoint?.id);
    const stopped = endpoint && endpoint.state !== "active";
    return (
      <section key={delivery.id} className={styles.request}>
        <div className={styles.requestHead}>
          <h3>
            <Foreign text={delivery.rule.name ?? texts.deleted} /> →{" "}
            <Foreign text={targetName(delivery, texts)} />
          </h3>
          {stopped && (
            <Mark tone="wait" icon="pause">
              {texts.manual.willBeHeld(word({ of: "endpoint", status: endpoint.state }))}
            </Mark>
          )}
        </div>
        {delivery.integration ? (
          <p>{texts.manual.toIntegration(delivery.integration.name ?? "")}</p>
        ) : (
          <RequestView request={request} query={query} />
        )}
      </section>
    );
  });
}
