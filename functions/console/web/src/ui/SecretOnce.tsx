import { type ReactNode, useState } from "react";
import { useWords } from "../words/index.ts";
import { Button } from "./Button.tsx";
import { Copy } from "./Copy.tsx";
import { download } from "./clipboard.ts";
import { Dialog } from "./Dialog.tsx";
import { Banner } from "./Problem.tsx";
import styles from "./SecretOnce.module.css";

/** Shows a value that is not shown again. Closing needs *I have saved it*, or a second question. */
export function SecretOnce(props: {
  title: string;
  secret: string;
  fileName: string;
  onClose: () => void;
  children?: ReactNode;
}) {
  const { common, parts } = useWords();
  const [asks, setAsks] = useState(false);
  const saved = (
    <Button kind="primary" onPress={props.onClose}>
      {parts.secret.saved}
    </Button>
  );
  if (asks) {
    return (
      <Dialog
        role="alertdialog"
        width="small"
        title={parts.secret.closing}
        onClose={() => setAsks(false)}
        footer={
          <>
            <Button autoFocus onPress={() => setAsks(false)}>
              {parts.secret.back}
            </Button>
            <Button kind="danger" onPress={props.onClose}>
              {common.close}
            </Button>
          </>
        }
      >
        <p>{parts.secret.closingText}</p>
      </Dialog>
    );
  }
  return (
    <Dialog title={props.title} onClose={() => setAsks(true)} footer={saved}>
      <Banner tone="wait">{parts.secret.once}</Banner>
      <div className={styles.box}>
        <code className={styles.secret}>{props.secret}</code>
        <div className={styles.tools}>
          <Copy text={props.secret}>{parts.copy}</Copy>
          <Button
            icon="download"
            onPress={() => download(props.fileName, "text/plain", [`${props.secret}\n`])}
          >
            {parts.secret.download}
          </Button>
        </div>
      </div>
      {props.children}
    </Dialog>
  );
}
