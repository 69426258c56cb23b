import { useState } from "react";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { Fields, TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import styles from "../origins/Origins.module.css";
import { StageEditor } from "../origins/StageEditor.tsx";
import { draftOf, stagesOf } from "../origins/stages.ts";
import { type Origin, useChangeOrigin } from "./useChangeOrigin.ts";

/** Name and stages of an origin. */
export function General({ origin, onAnew }: { origin: Origin; onAnew: () => void }) {
  const words = useWords();
  const w = words.home.origins;
  const may = useMay("admin");
  const [name, setName] = useState(origin.name);
  const [stages, setStages] = useState(() => origin.stages.map((one) => draftOf(one.name, one.id)));
  const problem = useFormProblem();
  const save = useChangeOrigin(origin, problem.set);
  const conflict = isProblem(problem.error) && problem.error.code === "conflict";
  return (
    <div className={styles.form}>
      <Form
        problem={problem}
        onSubmit={() => save.mutate({ name: name.trim(), stages: stagesOf(stages) })}
      >
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
            busy={save.isPending}
            reason={may ? undefined : words.common.needs.admin}
          >
            {conflict ? w.keepMine : words.common.save}
          </Button>
          {conflict && <Button onPress={onAnew}>{w.takeTheirs}</Button>}
        </div>
      </Form>
    </div>
  );
}
