import { Fields, TextInput } from "../../ui/Field.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";
import { type Extras, limitOf } from "./extras.ts";
import { HeaderFields } from "./HeaderFields.tsx";

/** Headers of its own and limits of an endpoint. */
export function ExtraFields(props: {
  extras: Extras;
  onChange: (extras: Extras) => void;
  of: (path: string) => string | undefined;
  /** In order, one is sent at a time whatever the limit. */
  isOrdered: boolean;
  /** Limits change only while the endpoint is disabled. */
  isLocked?: boolean;
}) {
  const { extras, onChange, of } = props;
  const texts = useWords().endpoints.form;
  const limit = (key: "concurrency" | "rate", path: string, hint: string) => (
    <TextInput
      label={texts[key]}
      name={path}
      value={extras[key]}
      onChange={(text) => onChange({ ...extras, [key]: text })}
      readOnly={props.isLocked ?? false}
      hint={hint}
      error={of(path) ?? (limitOf(extras[key]) === undefined ? texts.number : undefined)}
    />
  );
  return (
    <>
      <HeaderFields
        rows={extras.headers}
        onChange={(headers) => onChange({ ...extras, headers })}
        of={of}
      />
      <Fields legend={texts.limits}>
        <div className={styles.grid}>
          {limit(
            "concurrency",
            "limits.max_concurrency",
            props.isOrdered ? texts.concurrencyOrdered : texts.concurrencyHint,
          )}
          {limit("rate", "limits.rate_per_second", texts.rateHint)}
        </div>
      </Fields>
    </>
  );
}
