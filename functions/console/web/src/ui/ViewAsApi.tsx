import { useState } from "react";
import { type ApiCall, curlOf } from "../lib/curl.ts";
import { useWords } from "../words/index.ts";
import { Button } from "./Button.tsx";
import { Copy } from "./Copy.tsx";
import { Dialog } from "./Dialog.tsx";
import styles from "./SecretOnce.module.css";

/** The request behind what is shown, as `curl`. */
export function ViewAsApi(props: { call: ApiCall }) {
  const { parts } = useWords();
  const [open, setOpen] = useState(false);
  const text = curlOf(props.call, window.location.origin);
  return (
    <>
      <Button kind="quiet" icon="code" onPress={() => setOpen(true)}>
        {parts.api.view}
      </Button>
      {open && (
        <Dialog title={parts.api.view} dismissable onClose={() => setOpen(false)}>
          <p>{parts.api.text}</p>
          <div className={styles.box}>
            <code className={styles.secret}>{text}</code>
            <div className={styles.tools}>
              <Copy text={text}>{parts.copy}</Copy>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}
