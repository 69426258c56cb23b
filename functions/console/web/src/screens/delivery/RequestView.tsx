import type { ShownRequest } from "../../api/deliveries.ts";
import { curlOfRequest } from "../../lib/curl.ts";
import { Copy } from "../../ui/Copy.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Json } from "../../ui/Json/Json.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Delivery.module.css";

type Pairs = readonly { name: string; value: string }[];

/** A request exactly as it goes: method, URL, headers, body. Masked values stay masked. */
export function RequestView(props: { request: ShownRequest; query?: Pairs | null }) {
  const texts = useWords().deliveries;
  const { request, query } = props;
  const words = texts.detail.request;
  if (request.error !== undefined) {
    const { errors, reasons } = texts;
    const known: Record<string, string> = { ...reasons, ...errors };
    return <Banner tone="bad">{known[request.error] ?? request.error}</Banner>;
  }
  return (
    <div className={styles.stack}>
      <div className={styles.call}>
        <span className={styles.method}>{request.method ?? "POST"}</span>
        <Foreign text={request.url ?? ""} code />
      </div>
      <div className={styles.tools}>
        <Copy text={curlOfRequest(request)}>{words.copyCurl}</Copy>
        {request.body && <Copy text={request.body}>{words.copyBody}</Copy>}
      </div>
      {query && query.length > 0 && <PairTable title={words.parameters} pairs={query} />}
      {request.body ? (
        <section className={styles.section}>
          <SectionTitle>{words.body}</SectionTitle>
          <div className={styles.json}>
            <Json text={request.body} label={words.body} />
          </div>
        </section>
      ) : (
        <p className={styles.muted}>{words.noBody}</p>
      )}
      <PairTable title={words.headers} pairs={request.headers ?? []} />
    </div>
  );
}

/** Names and values, such as headers. A name can stand more than once. */
export function PairTable({ title, pairs }: { title: string; pairs: Pairs }) {
  return (
    <section className={styles.section}>
      <SectionTitle>{title}</SectionTitle>
      <dl className={styles.pairs}>
        {pairs.map(({ name, value }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header can stand more than once
          <div key={at}>
            <dt>
              <Foreign text={name} code />
            </dt>
            <dd>
              <Foreign text={value} code />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
