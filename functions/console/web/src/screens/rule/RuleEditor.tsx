import { useState } from "react";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import { useLeaveGuard } from "../integration/useLeaveGuard.tsx";
import { BodySection } from "./BodySection.tsx";
import { ConditionSection } from "./ConditionSection.tsx";
import { Conflict } from "./Conflict.tsx";
import type { RuleDraft, RuleValue } from "./draft.ts";
import { MethodSection } from "./MethodSection.tsx";
import { Preview } from "./Preview.tsx";
import styles from "./Rule.module.css";
import { RuleVersions } from "./RuleVersions.tsx";
import { TargetSection } from "./TargetSection.tsx";
import { useSaveRule } from "./useSaveRule.ts";
import { WhenSection } from "./WhenSection.tsx";

export interface SectionProps {
  draft: RuleDraft;
  set: (part: Partial<RuleDraft>) => void;
  error: (path: string) => string | undefined;
}

/** When, if, to, method, body; the preview follows. */
export function RuleEditor(props: { saved: RuleValue | undefined; first: RuleDraft }) {
  const { common, rules: w, mapping } = useWords();
  const isAdmin = useMay("admin");
  const problem = useFormProblem();
  const [draft, setDraft] = useState(props.first);
  const set = (part: Partial<RuleDraft>) => setDraft((old) => ({ ...old, ...part }));
  const save = useSaveRule(props.saved, problem.set);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(props.first);
  const guard = useLeaveGuard(isChanged && !save.isDone);
  const section: SectionProps = { draft, set, error: problem.of };
  const isConflict = isProblem(problem.error) && problem.error.code === "conflict";
  const unchanged = props.saved !== undefined && !isChanged ? mapping.save.unchanged : undefined;
  return (
    <div className={styles.editor}>
      <Form
        problem={isConflict ? { ...problem, error: null } : problem}
        onSubmit={() => save.send(draft)}
      >
        {isConflict && props.saved && (
          <Conflict saved={props.saved} onKeep={(version) => save.send(draft, version)} />
        )}
        {!isAdmin && <Banner tone="plain">{common.needs.admin}</Banner>}
        <div className={styles.top}>
          <TextInput
            required
            label={w.name}
            name="name"
            maxLength={100}
            value={draft.name}
            onChange={(name) => set({ name })}
            error={problem.of("name")}
          />
          <Switch selected={draft.active} onChange={(active) => set({ active })}>
            {w.active}
          </Switch>
        </div>
        <WhenSection {...section} />
        <ConditionSection {...section} />
        <TargetSection {...section} />
        {draft.target !== "integration" && <MethodSection {...section} />}
        <BodySection {...section} />
        <div className={styles.save}>
          <Button
            submit
            kind="primary"
            busy={save.isPending}
            reason={isAdmin ? unchanged : common.needs.admin}
          >
            {w.save}
          </Button>
        </div>
      </Form>
      <div className={styles.side}>
        <Preview draft={draft} saved={props.saved} />
        {props.saved && <RuleVersions rule={props.saved} />}
      </div>
      {save.secret !== undefined && (
        <SecretOnce
          title={w.to.secret}
          secret={save.secret}
          fileName="gancho-endpoint-secret.txt"
          onClose={save.finish}
        />
      )}
      {guard}
    </div>
  );
}
