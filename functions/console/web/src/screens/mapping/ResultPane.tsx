import type { Schemas } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { plainText } from "../../lib/foreign.ts";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Mapping.module.css";
import { useTargetLabel } from "./targets.ts";
import { shown } from "./UseDialog.tsx";
import type { Preview, usePreview } from "./usePreview.ts";

type PreviewQuery = ReturnType<typeof usePreview>;

/** The result of the mapping with the sample: contact, deal, keys, problems. */
export function ResultPane(props: {
  preview: PreviewQuery;
  action: Schemas["Action"];
  hasSample: boolean;
}) {
  const { preview } = props;
  const { mapping } = useWords();
  const words = mapping.result;
  const may = useMay("operator");
  return (
    <section className={styles.pane} aria-labelledby="result-title" aria-busy={preview.isFetching}>
      <h2 id="result-title">
        {words.title}
        {preview.isFetching && preview.data && (
          <span className={styles.updating}>{words.updating}</span>
        )}
      </h2>
      {!may && <Banner tone="plain">{words.viewer}</Banner>}
      {may && !props.hasSample && <p className={styles.hint}>{words.empty}</p>}
      {preview.error && <Refused error={preview.error} onRetry={() => void preview.refetch()} />}
      {preview.data && !preview.error && <Outcome preview={preview.data} action={props.action} />}
      {may && props.hasSample && preview.isLoading && <Skeleton lines={8} />}
    </section>
  );
}

/** A field that is refused says why in its row; here the sentence is enough. */
function Refused(props: { error: unknown; onRetry: () => void }) {
  const { error } = props;
  if (isProblem(error) && error.path?.startsWith("mapping")) {
    return <Banner tone="bad">{plainText(error.detail, 400)}</Banner>;
  }
  return <Problem error={error} onRetry={props.onRetry} />;
}

function Outcome({ preview, action }: { preview: Preview; action: Schemas["Action"] }) {
  const { mapping } = useWords();
  const words = mapping.result;
  const { result, problems, warnings } = preview;
  const fails = problems.length > 0 || result === null;
  return (
    <>
      <Banner tone={fails ? "bad" : warnings.length > 0 ? "wait" : "ok"}>
        {result === null && problems.length === 0
          ? words.unreadable
          : fails
            ? words.fails
            : words.would[action]}
        {!fails && warnings.length > 0 && ` (${words.warns(warnings.length)})`}
      </Banner>
      {[...problems, ...warnings].length > 0 && (
        <ul className={styles.remarks}>
          {[...problems, ...warnings].map((remark) => (
            <li key={`${remark.code} ${remark.message}`}>
              <bdi>{plainText(remark.message, 300)}</bdi>
            </li>
          ))}
        </ul>
      )}
      {result !== null && (
        <>
          <Entity title={words.contact} entity="contact" values={result.contact} />
          {!action.endsWith("contact") && (
            <Entity title={words.deal} entity="deal" values={result.deal} />
          )}
          {result.keys.length > 0 && (
            <div className={styles.entity}>
              <h3>{words.keys}</h3>
              <p className={styles.keysFound}>
                {result.keys.map((key) => (
                  <code key={key}>{plainText(key)}</code>
                ))}
              </p>
            </div>
          )}
        </>
      )}
    </>
  );
}

/** The filled fields of a contact or a deal; custom ones lie one level deeper. */
function entries(entity: string, values: Record<string, unknown>): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    if (key !== "custom" || typeof value !== "object" || value === null) {
      return [[`${entity}.${key}`, value]];
    }
    return Object.entries(value).map(([name, item]) => [`${entity}.custom.${name}`, item]);
  });
}

function Entity(props: {
  title: string;
  entity: "contact" | "deal";
  values: Record<string, unknown>;
}) {
  const { mapping } = useWords();
  const labelOf = useTargetLabel();
  const found = entries(props.entity, props.values).filter(([, value]) => value !== null);
  const own = mapping.target(mapping.entities[props.entity], "");
  return (
    <div className={styles.entity}>
      <h3>{props.title}</h3>
      {found.length === 0 && <p className={styles.hint}>{mapping.result.nothing}</p>}
      <dl className={styles.values}>
        {found.map(([target, value]) => (
          <div key={target}>
            <dt>{labelOf(target).replace(own, "")}</dt>
            <dd>
              <bdi>
                {plainText(Array.isArray(value) ? value.map(shown).join(", ") : shown(value), 300)}
              </bdi>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
