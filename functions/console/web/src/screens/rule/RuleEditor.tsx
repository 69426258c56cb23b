import { useEffect, useState } from "react";
import { useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import { isConflict } from "../changes/Conflict.tsx";
import { bannerOf } from "../changes/Refusal.tsx";
import type { Hold } from "../changes/useHeld.ts";
import { useLeaveGuard } from "../integration/useLeaveGuard.tsx";
import { BodySection } from "./BodySection.tsx";
import { ConditionSection } from "./ConditionSection.tsx";
import type { RuleDraft, RuleValue } from "./draft.ts";
import { MethodSection } from "./MethodSection.tsx";
import { Preview } from "./Preview.tsx";
import styles from "./Rule.module.css";
import { RuleConflict } from "./RuleConflict.tsx";
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
export function RuleEditor(props: {
  saved: RuleValue | undefined;
  first: RuleDraft;
  /** Keeps `saved` as it is while something is typed. */
  hold: Hold;
}) {
  const { saved, hold } = props;
  const { common, rules: w, mapping } = useWords();
  const isAdmin = useMay("admin");
  const problem = useFormProblem();
  const [draft, setDraft] = useState(props.first);
  const set = (part: Partial<RuleDraft>) => setDraft((old) => ({ ...old, ...part }));
  const release = () => hold(false);
  const save = useSaveRule(saved, problem.set, release);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(props.first);
  useEffect(() => hold(isChanged), [hold, isChanged]);
  const guard = useLeaveGuard(isChanged && !save.isDone);
  const section: SectionProps = { draft, set, error: problem.of };
  const conflict = isConflict(problem.error) ? problem.error : undefined;
  const unchanged = saved !== undefined && !isChanged ? mapping.save.unchanged : undefined;
  return (
    <div className={styles.editor}>
      <Form problem={bannerOf(problem)} onSubmit={() => save.send(draft)}>
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
        <Preview draft={draft} saved={saved} />
        {saved && <RuleVersions rule={saved} />}
      </div>
      {save.secret !== undefined && (
        <SecretOnce
          title={w.to.secret}
          secret={save.secret}
          fileName="gancho-endpoint-secret.txt"
          onClose={save.finish}
        />
      )}
      {conflict && saved && (
        <RuleConflict
          error={conflict}
          opened={saved}
          change={() => save.sent}
          onKeep={(theirs) => {
            problem.set(null);
            save.send(draft, theirs.version);
          }}
          onTake={release}
          onClose={() => problem.set(null)}
        />
      )}
      {guard}
    </div>
  );
}
