import { session } from "../../api/context.tsx";
import type { SignIn as Way } from "../../api/session.ts";
import { useWords } from "../../words/index.ts";
import { KeyForm } from "./KeyForm.tsx";
import styles from "./SignIn.module.css";

interface Props {
  signIn: Way;
  /** The address to go to after the issuer; `null` opens the issuer beside this page. */
  next: string | null;
}

/** The ways in that this deployment has. */
export function SignInForm({ signIn, next }: Props) {
  const w = useWords().common.signIn;
  const issuer = signIn === "cognito" || signIn === "oidc";
  const form = <KeyForm onSubmit={(key) => session.signIn({ key })} />;
  if (signIn === "keys") return form;
  const start = `/console/oidc/start?next=${encodeURIComponent(next ?? "/console/")}`;
  return (
    <>
      {issuer && next !== null && (
        <a className={styles.issuer} href={start}>
          {w.button}
        </a>
      )}
      {issuer && next === null && (
        <a className={styles.issuer} href={start} target="_blank" rel="noreferrer">
          {w.button}
        </a>
      )}
      {signIn === "local" && (
        <div className={styles.local}>
          <strong>{w.local}</strong>
          <span className={styles.hint}>{w.localHint}</span>
        </div>
      )}
      <details className={styles.fold}>
        <summary>{w.withKey}</summary>
        {form}
      </details>
    </>
  );
}
