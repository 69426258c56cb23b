import { useEffect, useState } from "react";
import { plainText } from "../lib/foreign.ts";
import { useStore } from "../lib/store.ts";
import { useWords } from "../words/index.ts";
import { Icon } from "./Icon.tsx";
import { NativeButton, NativeIconButton } from "./NativeButton.tsx";
import styles from "./Toast.module.css";
import { dismiss, type Toast, toasts } from "./toasts.ts";

const SHOWN = 6_000;

/** The messages of the page, said politely. Stands once, in the shell. */
export function Toasts() {
  const { parts } = useWords();
  const shown = useStore(toasts);
  return (
    <section className={styles.region} aria-label={parts.toast.region}>
      <ol className={styles.list} aria-live="polite" aria-relevant="additions text">
        {shown.map((toast) => (
          <Message key={toast.id} toast={toast} />
        ))}
      </ol>
    </section>
  );
}

function Message({ toast }: { toast: Toast }) {
  const { parts } = useWords();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || toast.stays) return;
    const timer = window.setTimeout(() => dismiss(toast.id), SHOWN);
    return () => window.clearTimeout(timer);
  }, [held, toast]);
  const hold = () => setHeld(true);
  const release = () => setHeld(false);
  return (
    <li
      className={styles.toast}
      data-tone={toast.tone}
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocus={hold}
      onBlur={release}
    >
      {toast.tone !== "plain" && <Icon name={toast.tone === "ok" ? "check" : "warning"} />}
      <span className={styles.text}>{plainText(toast.text, 400)}</span>
      {toast.action && (
        <NativeButton small onPress={toast.action.run}>
          {toast.action.label}
        </NativeButton>
      )}
      <NativeIconButton
        icon="cross"
        small
        label={parts.toast.dismiss}
        onPress={() => dismiss(toast.id)}
      />
    </li>
  );
}
