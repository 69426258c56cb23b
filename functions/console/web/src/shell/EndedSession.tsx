import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Session } from "../api/session.ts";
import { SignInForm } from "../screens/sign-in/SignInForm.tsx";
import { Aria } from "../ui/Aria.tsx";
import { useWords } from "../words/index.ts";
import styles from "./EndedSession.module.css";

/** The session ended while the page was open: signing in happens above what was typed, which stays. */
export function EndedSession({ session }: { session: Session }) {
  const w = useWords().common.problem;
  return (
    <Aria>
      <ModalOverlay
        isOpen
        isDismissable={false}
        isKeyboardDismissDisabled
        className={styles.veil ?? ""}
      >
        <Modal className={styles.modal ?? ""}>
          <Dialog role="alertdialog" className={styles.dialog ?? ""}>
            <Heading slot="title" level={2}>
              {w.ended}
            </Heading>
            <p>{w.endedHint}</p>
            <SignInForm signIn={session.sign_in} next={null} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </Aria>
  );
}
