import { type FormEvent, useId, useState } from "react";
import { isProblem } from "../../api/problem.ts";
import { NativeButton } from "../../ui/NativeButton.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./SignIn.module.css";

/** The field for an API key. The key leaves this form only towards `POST /console/session`. */
export function KeyForm({ onSubmit }: { onSubmit: (key: string) => Promise<void> }) {
  const w = useWords().common.signIn;
  const p = useWords().common.problem;
  const id = useId();
  const [hint, error] = [`${id}hint`, `${id}error`];
  const [key, setKey] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  const words = (problem: unknown): string => {
    if (!isProblem(problem)) return p.unexpected;
    if (problem.origin === "network") return p.unreachable;
    if (problem.status === 429) return w.tooMany(problem.retryAfter ?? 60);
    const refused = problem.status === 401 || problem.status === 403;
    return refused ? w.invalid : problem.detail || p.unexpected;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const given = key.trim();
    if (given === "") return setRefusal(w.empty);
    setBusy(true);
    try {
      await onSubmit(given);
    } catch (problem) {
      setRefusal(words(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <div className={styles.field}>
        <label htmlFor={id}>{w.key}</label>
        <div className={styles.with}>
          <input
            id={id}
            value={key}
            onChange={(event) => {
              setKey(event.target.value);
              setRefusal(null);
            }}
            type={shown ? "text" : "password"}
            autoComplete="off"
            placeholder="gk_…"
            spellCheck={false}
            aria-invalid={refusal !== null}
            aria-describedby={refusal === null ? hint : `${hint} ${error}`}
          />
          <NativeButton kind="quiet" pressed={shown} onPress={() => setShown(!shown)}>
            {shown ? w.hide : w.show}
          </NativeButton>
        </div>
        <span id={hint} className={styles.hint}>
          {w.keyHint}
        </span>
        {refusal !== null && (
          <span id={error} className={styles.error}>
            {refusal}
          </span>
        )}
      </div>
      <NativeButton type="submit" kind="primary" busy={busy}>
        {w.button}
      </NativeButton>
    </form>
  );
}
