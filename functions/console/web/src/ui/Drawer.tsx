import { type ReactNode, useEffect, useId, useRef } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useRouter } from "../lib/router/hooks.ts";
import { useKey } from "../lib/useKey.ts";
import { useWords } from "../words/index.ts";
import { IconButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import styles from "./Drawer.module.css";
import { Link } from "./Link.tsx";
import { TitleLevel } from "./SectionTitle.tsx";
import { useCopyLink } from "./useCopyLink.ts";
import { useWide } from "./useWide.ts";

export type DrawerProps = {
  title: ReactNode;
  /** Status and the like, below the title. */
  about?: ReactNode;
  /** Address of the whole page of this thing. */
  href: string;
  onClose: () => void;
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
  children: ReactNode;
};

/** Width from which the list stays usable beside the drawer. */
const BESIDE = 1_400;

/** Details of a row, over the list or, on wide screens, beside it. It is open as long as it is in the page. */
export function Drawer(props: DrawerProps) {
  const beside = useWide(BESIDE);
  return beside ? <Beside {...props} /> : <Over {...props} />;
}

function Over(props: DrawerProps) {
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
      className={cx(styles.overlay)}
    >
      <Modal className={cx(styles.over)}>
        <Dialog className={cx(styles.drawer)} data-drawer="">
          <Content {...props} modal />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Beside(props: DrawerProps) {
  const title = useId();
  const place = useRef<HTMLElement>(null);
  const { onClose } = props;
  useEffect(() => {
    // Escape closes from the list too: the two are one screen. What is open above it takes its own Escape first.
    const close = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector('[role="menu"], [role="alertdialog"], [aria-modal="true"]'))
        return;
      if (event.target instanceof HTMLInputElement && event.target.value !== "") return;
      onClose();
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [onClose]);
  return (
    <aside ref={place} className={cx(styles.drawer, styles.beside)} aria-labelledby={title}>
      <Content {...props} id={title} />
    </aside>
  );
}

function Content(props: DrawerProps & { id?: string; modal?: boolean }) {
  const { common, parts } = useWords();
  const router = useRouter();
  const copyLink = useCopyLink(props.href);
  useKey("previous", props.onPrevious);
  useKey("next", props.onNext);
  useKey("page", () => void router.navigate({ href: props.href }));
  return (
    <>
      <header className={styles.header}>
        <div className={styles.title}>
          {props.modal ? (
            <Heading slot="title" level={2}>
              {props.title}
            </Heading>
          ) : (
            <h2 id={props.id}>{props.title}</h2>
          )}
          {props.about}
        </div>
        <div className={styles.tools}>
          {props.onPrevious && (
            <IconButton icon="up" label={parts.drawer.previous} onPress={props.onPrevious} />
          )}
          {props.onNext && (
            <IconButton icon="down" label={parts.drawer.next} onPress={props.onNext} />
          )}
          <IconButton icon="link" label={parts.drawer.copyLink} onPress={copyLink} />
          <Link href={props.href}>{parts.drawer.fullPage}</Link>
          <IconButton icon="cross" label={common.close} onPress={props.onClose} />
        </div>
      </header>
      <div className={styles.body}>
        <TitleLevel value={3}>{props.children}</TitleLevel>
      </div>
    </>
  );
}
