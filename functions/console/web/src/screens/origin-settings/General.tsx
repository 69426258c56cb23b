import { useEffect, useState } from "react";
import { useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Fields, TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import { dependentsOf } from "../changes/dependents.ts";
import { changedPart } from "../changes/fields.ts";
import { bannerOf, Refusal } from "../changes/Refusal.tsx";
import { type Hold, useHeld } from "../changes/useHeld.ts";
import styles from "../origins/Origins.module.css";
import { StageEditor } from "../origins/StageEditor.tsx";
import { draftOf, stagesOf } from "../origins/stages.ts";
import { type Origin, useChangeOrigin } from "./useChangeOrigin.tsx";

/** Name and stages of an origin. */
export function General({ origin }: { origin: Origin }) {
  const { base, hold } = useHeld(origin);
  return <NameAndStages key={base.version} origin={base} hold={hold} />;
}

function NameAndStages({ origin, hold }: { origin: Origin; hold: Hold }) {
  const words = useWords();
  const w = words.home.origins;
  const may = useMay("admin");
  const [name, setName] = useState(origin.name);
  const [stages, setStages] = useState(() => origin.stages.map((one) => draftOf(one.name, one.id)));
  const problem = useFormProblem();
  const patch = changedPart({ name: name.trim(), stages: stagesOf(stages) }, origin);
  const isChanged = Object.keys(patch).length > 0;
  useEffect(() => hold(isChanged), [hold, isChanged]);
  const change = useChangeOrigin(origin, "general", patch, problem, () => hold(false));
  const unchanged = isChanged ? undefined : words.mapping.save.unchanged;
  return (
    <div className={styles.form}>
      <Form problem={bannerOf(problem)} onSubmit={change.save}>
        <TextInput
          label={w.name}
          name="name"
          value={name}
          onChange={setName}
          error={problem.of("name")}
          required
          readOnly={!may}
          maxLength={100}
        />
        {dependentsOf(problem.error) && <Refusal error={problem.error} />}
        <Fields legend={w.stages}>
          <StageEditor
            stages={stages}
            onChange={setStages}
            error={problem.of("stages")}
            readOnly={!may}
          />
        </Fields>
        <div className={styles.line}>
          <Button
            kind="primary"
            submit
            busy={change.isPending}
            reason={may ? unchanged : words.common.needs.admin}
          >
            {words.common.save}
          </Button>
        </div>
      </Form>
      {change.conflict}
    </div>
  );
}
