import { type FormEvent, useState } from "react";
import { FieldError, Input, Label, Text, TextField } from "react-aria-components";
import { isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./SignIn.module.css";

/** The field for an API key. The key leaves this form only towards `POST /console/session`. */
export function KeyForm({ onSubmit }: { onSubmit: (key: string) => Promise<void> }) {
  const w = useWords().common.signIn;
  const p = useWords().common.problem;
  const [key, setKey] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  const words = (error: unknown): string => {
    if (!isProblem(error)) return p.unexpected;
    if (error.origin === "network") return p.unreachable;
    if (error.status === 429) return w.tooMany(error.retryAfter ?? 60);
    return error.status === 401 || error.status === 403 ? w.invalid : error.detail || p.unexpected;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const given = key.trim();
    if (given === "") return setRefusal(w.empty);
    setBusy(true);
    try {
      await onSubmit(given);
    } catch (error) {
      setRefusal(words(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <TextField
        className={styles.field ?? ""}
        value={key}
        onChange={(value) => {
          setKey(value);
          setRefusal(null);
        }}
        type={shown ? "text" : "password"}
        autoComplete="off"
        isInvalid={refusal !== null}
        validationBehavior="aria"
      >
        <Label>{w.key}</Label>
        <div className={styles.with}>
          <Input placeholder="gk_…" spellCheck={false} />
          <Button kind="quiet" pressed={shown} onPress={() => setShown(!shown)}>
            {shown ? w.hide : w.show}
          </Button>
        </div>
        <Text slot="description" className={styles.hint ?? ""}>
          {w.keyHint}
        </Text>
        <FieldError className={styles.error ?? ""}>{refusal}</FieldError>
      </TextField>
      <Button submit kind="primary" busy={busy}>
        {w.button}
      </Button>
    </form>
  );
}
