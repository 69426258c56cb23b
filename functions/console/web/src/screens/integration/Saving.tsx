import type { ReactNode } from "react";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { Form, type FormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";

/** A form of settings of one integration, with its button. Who may not change them reads them. */
export function Saving(props: {
  problem: FormProblem;
  isChanged: boolean;
  isPending: boolean;
  onSave: () => void;
  /** Reads what is in force after somebody else's change. */
  onReload: () => void;
  children: ReactNode;
}) {
  const { common, integrations: words, mapping } = useWords();
  const isAdmin = useMay("admin");
  const { error } = props.problem;
  const isConflict = isProblem(error) && error.code === "conflict";
  const unchanged = props.isChanged ? undefined : mapping.save.unchanged;
  return (
    <div className={styles.form}>
      {isConflict && (
        <Banner
          tone="bad"
          alert
          action={
            <Button small onPress={props.onReload}>
              {words.reload}
            </Button>
          }
        >
          {words.changedElsewhere}
        </Banner>
      )}
      <Form
        problem={isConflict ? { ...props.problem, error: null } : props.problem}
        onSubmit={props.onSave}
      >
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
    </div>
  );
}
