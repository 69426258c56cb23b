import { useState } from "react";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import styles from "../origins/Origins.module.css";
import { type Origin, useChangeOrigin } from "./useChangeOrigin.ts";

/** Shards: reading is raised first, writing after it. */
export function Advanced({ origin, onAnew }: { origin: Origin; onAnew: () => void }) {
  const words = useWords();
  const w = words.home.origins;
  const may = useMay("admin");
  const [read, setRead] = useState(String(origin.read_shards));
  const [write, setWrite] = useState(String(origin.write_shards));
  const problem = useFormProblem();
  const save = useChangeOrigin(origin, problem.set);
  const conflict = isProblem(problem.error) && problem.error.code === "conflict";
  const submit = () => {
    const [reads, writes] = [Number(read), Number(write)];
    save.mutate({
      ...(reads === origin.read_shards ? {} : { read_shards: reads }),
      ...(writes === origin.write_shards ? {} : { write_shards: writes }),
    });
  };
  return (
    <div className={styles.form}>
      <Form problem={problem} onSubmit={submit}>
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
