import type { ReactNode } from "react";
import { useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form, type FormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";

/** A form of settings of one integration, with its button. Who may not change them reads them. */
export function Saving(props: {
  problem: FormProblem;
  isChanged: boolean;
  isPending: boolean;
  onSave: () => void;
  /** The question whose change stays, after somebody else's. */
  conflict: ReactNode;
  children: ReactNode;
}) {
  const { common, integrations: words, mapping } = useWords();
  const isAdmin = useMay("admin");
  const unchanged = props.isChanged ? undefined : mapping.save.unchanged;
  return (
    <div className={styles.form}>
      <Form problem={props.problem} onSubmit={props.onSave}>
        {props.children}
        <div>
          <Button
            submit
            kind="primary"
            busy={props.isPending}
            reason={isAdmin ? unchanged : common.needs.admin}
          >
            {words.save}
          </Button>
        </div>
      </Form>
      {props.conflict}
    </div>
  );
}
