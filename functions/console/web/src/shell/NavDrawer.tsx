import { useEffect, useRef } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useLocation } from "../lib/router/hooks.ts";
import { Aria } from "../ui/Aria.tsx";
import { useWords } from "../words/index.ts";
import styles from "./NavDrawer.module.css";
import { Sidebar } from "./Sidebar.tsx";
import type { Nav } from "./useNav.ts";

interface Props {
  onClose: () => void;
  nav: Nav;
}

/** The left bar on narrow screens. It closes when an item was followed. */
export function NavDrawer({ onClose, nav }: Props) {
  const w = useWords().common.nav;
  const href = useLocation((place) => place.href);
  const opened = useRef(href);
  useEffect(() => {
    if (opened.current === href) return;
    opened.current = href;
    onClose();
  }, [href, onClose]);
  return (
    <Aria>
      <ModalOverlay
        isOpen
        onOpenChange={(open) => {
          if (!open) onClose();
        }}
        isDismissable
        className={styles.veil ?? ""}
      >
        <Modal className={styles.modal ?? ""}>
          <Dialog className={styles.dialog ?? ""} aria-label={w.main}>
            <Sidebar nav={nav} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </Aria>
  );
}
