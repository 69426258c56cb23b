import type { Schemas } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { plainText } from "../../lib/foreign.ts";
import { isOther } from "../../lib/rehearse.ts";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { Entity } from "./Entity.tsx";
import styles from "./Mapping.module.css";
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
  const other = isOther(preview);
  const fails = problems.length > 0 || (result === null && !other);
  return (
    <>
      <Banner tone={fails ? "bad" : warnings.length > 0 ? "wait" : "ok"}>
        {fails
          ? result === null && problems.length === 0
            ? words.unreadable
            : words.fails
          : other
            ? words.other
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
