import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { visible } from "../../lib/jsonShow.ts";
import { useWords } from "../../words/index.ts";
import { Button } from "../Button.tsx";
import { Copy } from "../Copy.tsx";
import styles from "./Json.module.css";
import type { Whole } from "./RowMenu.tsx";

/** A whole value beside the tree, which cuts it or shows it encoded. */
export function WholeDialog(props: { whole: Whole | undefined; onClose: () => void }) {
  const { whole } = props;
  const { json: words } = useWords();
  return (
    <ModalOverlay
      className={styles.overlay ?? ""}
      isOpen={whole !== undefined}
      isDismissable
      onOpenChange={(isOpen) => !isOpen && props.onClose()}
    >
      <Modal className={styles.modal ?? ""}>
        <Dialog className={styles.dialog ?? ""}>
          <Heading slot="title" className={styles.dialogTitle ?? ""}>
            {visible(whole?.title ?? "")}
          </Heading>
          {/* Letters that are not drawn stay hidden here: what is selected by hand must be what was stored. */}
          <textarea
            readOnly
            className={styles.whole}
            aria-label={whole?.title}
            value={whole?.text ?? ""}
          />
          <div className={styles.dialogButtons}>
            <Copy text={whole?.text ?? ""}>{words.copyValue}</Copy>
            <Button kind="primary" onPress={props.onClose}>
              {words.close}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
