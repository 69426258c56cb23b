import { useEffect, useState } from "react";
import { useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import { changedPart } from "../changes/fields.ts";
import { bannerOf } from "../changes/Refusal.tsx";
import { type Hold, useHeld } from "../changes/useHeld.ts";
import styles from "../origins/Origins.module.css";
import { type Origin, useChangeOrigin } from "./useChangeOrigin.tsx";

/** Shards: reading is raised first, writing after it. */
export function Advanced({ origin }: { origin: Origin }) {
  const { base, hold } = useHeld(origin);
  return <Shards key={base.version} origin={base} hold={hold} />;
}

function Shards({ origin, hold }: { origin: Origin; hold: Hold }) {
  const words = useWords();
  const w = words.home.origins;
  const may = useMay("admin");
  const [read, setRead] = useState(String(origin.read_shards));
  const [write, setWrite] = useState(String(origin.write_shards));
  const problem = useFormProblem();
  const patch = changedPart({ read_shards: Number(read), write_shards: Number(write) }, origin);
  const isChanged = Object.keys(patch).length > 0;
  useEffect(() => hold(isChanged), [hold, isChanged]);
  const change = useChangeOrigin(origin, "advanced", patch, problem, () => hold(false));
  const unchanged = isChanged ? undefined : words.mapping.save.unchanged;
  return (
    <div className={styles.form}>
      <Form problem={bannerOf(problem)} onSubmit={change.save}>
        <TextInput
          label={w.readShards}
          name="read_shards"
          type="number"
          value={read}
          onChange={setRead}
          hint={w.readHint}
          error={problem.of("read_shards")}
          required
          readOnly={!may}
        />
        <TextInput
          label={w.writeShards}
          name="write_shards"
          type="number"
          value={write}
          onChange={setWrite}
          hint={w.writeHint}
          error={problem.of("write_shards")}
          required
          readOnly={!may}
        />
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
