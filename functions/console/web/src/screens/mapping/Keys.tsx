import { MOST_KEYS } from "../../lib/mappingDraft.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Mapping.module.css";

/** The paths by whose values a webhook can be found. */
export function Keys(props: {
  keys: readonly string[];
  isReadOnly: boolean;
  onChange: (keys: string[]) => void;
}) {
  const { keys, onChange } = props;
  const words = useWords().mapping.keys;
  return (
    <fieldset className={styles.keys}>
      <legend className={styles.label}>{words.title}</legend>
      <p className={styles.hint}>{words.hint}</p>
      {keys.map((key, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a key has no other name than its place.
        <div key={at} className={styles.pathLine}>
          <TextInput
            required
            code
            label={words.path(at + 1)}
            name={`keys[${at}]`}
            value={key}
            placeholder="$."
            maxLength={512}
            readOnly={props.isReadOnly}
            onChange={(path) => onChange(keys.toSpliced(at, 1, path))}
          />
          {!props.isReadOnly && (
            <IconButton
              icon="trash"
              label={words.remove}
              onPress={() => onChange(keys.toSpliced(at, 1))}
            />
          )}
        </div>
      ))}
      {!props.isReadOnly && keys.length < MOST_KEYS && (
        <div>
          <Button small icon="plus" onPress={() => onChange([...keys, ""])}>
            {words.add}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
