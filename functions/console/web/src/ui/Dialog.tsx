import { type ReactNode, useId, useState } from "react";
import {
  Dialog as AriaDialog,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  TextField,
} from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { useWords } from "../words/index.ts";
import { Button, IconButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import styles from "./Dialog.module.css";
import { TitleLevel } from "./SectionTitle.tsx";

type DialogProps = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the foot, the one that acts last. */
  footer?: ReactNode;
  width?: "small" | "medium" | "large";
  /** A press outside closes; not where something was typed. */
  dismissable?: boolean;
  role?: "dialog" | "alertdialog";
};

/** A dialog over the page. It is open as long as it is in the page. */
export function Dialog(props: DialogProps) {
  const { common } = useWords();
  const alert = props.role === "alertdialog";
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
      isDismissable={props.dismissable ?? false}
      className={cx(styles.overlay)}
    >
      <Modal className={cx(styles.modal, styles[props.width ?? "medium"])}>
        <AriaDialog role={props.role ?? "dialog"} className={cx(styles.dialog)}>
          <header className={styles.header}>
            <Heading slot="title" level={2}>
              {plainText(props.title)}
            </Heading>
            {!alert && <IconButton icon="cross" label={common.close} onPress={props.onClose} />}
          </header>
          <div className={styles.body}>
            <TitleLevel value={3}>{props.children}</TitleLevel>
          </div>
          {props.footer && <footer className={styles.footer}>{props.footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/**
 * Asks once before something that sends, discards or deletes. `action` is a verb with its number; the focus is on
 * the safe button. With `typed`, the reader writes that name first.
 */
export function Confirm(props: {
  title: string;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
  danger?: boolean;
  busy?: boolean;
  /** The number is not known yet, or nothing would be done. */
  reason?: string | undefined;
  typed?: string;
}) {
  const { common, parts } = useWords();
  const [name, setName] = useState("");
  const form = useId();
  const wrong = props.typed !== undefined && name.trim() !== props.typed.trim();
  const why = props.reason ?? (wrong ? parts.confirm.typeName(props.typed ?? "") : undefined);
  return (
    <Dialog
      role="alertdialog"
      width="small"
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onPress={props.onClose} autoFocus={props.typed === undefined}>
            {common.cancel}
          </Button>
          <Button
            kind={props.danger ? "danger" : "primary"}
            busy={props.busy ?? false}
            submit
            form={form}
            reason={why}
          >
            {props.action}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.confirm}
        onSubmit={(event) => {
          event.preventDefault();
          if (!why && !props.busy) props.onConfirm();
        }}
      >
        {props.children}
        {props.typed !== undefined && (
          <TextField value={name} onChange={setName} autoFocus className={cx(styles.field)}>
            <Label>{parts.confirm.typeName(props.typed)}</Label>
            <Input autoComplete="off" className={cx(styles.input)} />
          </TextField>
        )}
      </form>
    </Dialog>
  );
}
