import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { originsQuery } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Fields, TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import { StageEditor } from "./StageEditor.tsx";
import { draftOf, stagesOf } from "./stages.ts";

/** The dialog that makes an origin. */
export function NewOrigin({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const w = words.home.origins;
  const client = useClient();
  const queries = useQueryClient();
  const router = useRouter();
  const { id: ws } = useWorkspace();
  const { key, renew } = useIdempotencyKey();
  const [name, setName] = useState("");
  const [stages, setStages] = useState(() => w.suggested.map((stage) => draftOf(stage)));
  const problem = useFormProblem();
  const form = useId();
  const create = useMutation({
    mutationFn: () =>
      client.post("/v1/origins", {
        body: { name: name.trim(), stages: stagesOf(stages).map((stage) => stage.name) },
        idempotencyKey: key,
      }),
    onError: (error) => {
      problem.set(error);
      // What was refused is changed and sent anew: another request, another key.
      renew();
    },
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: originsQuery(client).queryKey });
      onClose();
      void router.navigate({ href: paths.history(ws, made.id) });
    },
  });
  const footer = (
    <>
      <Button onPress={onClose}>{words.common.cancel}</Button>
      <Button kind="primary" submit form={form} busy={create.isPending}>
        {w.create}
      </Button>
    </>
  );
  return (
    <Dialog title={w.new} onClose={onClose} footer={footer}>
      <Form id={form} problem={problem} onSubmit={() => create.mutate()}>
        <TextInput
          label={w.name}
          name="name"
          value={name}
          onChange={setName}
          error={problem.of("name")}
          required
          autoFocus
          maxLength={100}
        />
        <Fields legend={w.stages}>
          <StageEditor stages={stages} onChange={setStages} error={problem.of("stages")} />
        </Fields>
      </Form>
    </Dialog>
  );
}
