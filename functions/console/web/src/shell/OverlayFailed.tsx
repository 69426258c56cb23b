import { useEffect, useRef } from "react";
import { PartGone } from "../lib/loadPart.ts";
import { problemText } from "../lib/problemText.ts";
import { NativeButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import styles from "./OverlayFailed.module.css";

/** Says that what was opened over the page could not be loaded. */
export function OverlayFailed(props: { error: Error; onRetry: () => void; onClose: () => void }) {
  const words = useWords();
  const w = words.common.problem;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const gone = props.error instanceof PartGone;
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby="overlay-failed"
      onClose={props.onClose}
    >
      <h2 id="overlay-failed">{gone ? w.updated : w.part}</h2>
      <p>{problemText(props.error, words)}</p>
      <div className={styles.actions}>
        <NativeButton onPress={() => dialog.current?.close()}>{words.common.close}</NativeButton>
        <NativeButton kind="primary" onPress={gone ? () => location.reload() : props.onRetry}>
          {gone ? w.reload : w.retry}
        </NativeButton>
      </div>
    </dialog>
  );
}
