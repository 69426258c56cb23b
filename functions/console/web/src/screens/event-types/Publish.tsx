import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey } from "../../api/context.tsx";
import { indexJson } from "../../lib/jsonIndex.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";

type Entry = Schemas["EventTypeEntry"];

interface Values {
  type: string;
  subject: string;
  status: string;
  at: string;
  id: string;
  data: string;
}

function first(entry: Entry | undefined): Values {
  return {
    type: entry?.type ?? "",
    subject: "",
    status: entry?.example?.subject.status ?? "",
    at: "",
    id: "",
    data: JSON.stringify(entry?.example?.data ?? {}, null, 2),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Publishes an event by hand; afterwards its deliveries are one click away. */
export function Publish(props: {
  types: readonly Entry[];
  first: Entry | undefined;
  onClose: () => void;
}) {
  const { common, rules, json } = useWords();
  const w = rules.types;
  const client = useClient();
  const cache = useQueryClient();
  const problem = useFormProblem();
  const { key, renew } = useIdempotencyKey();
  const [values, setValues] = useState(() => first(props.first));
  const set = (part: Partial<Values>) => setValues({ ...values, ...part });
  const data = parsed(values.data);
  const publish = useMutation({
    mutationFn: () =>
      client.post("/v1/events", {
        idempotencyKey: key,
        body: {
          type: values.type.trim(),
          subject: values.subject.trim(),
          subject_status: values.status.trim() || null,
          occurred_at: values.at.trim() || null,
          id: values.id.trim() || null,
          data: data ?? {},
        },
      }),
    onSuccess: () => {
      renew();
      void cache.invalidateQueries({ queryKey: [client.workspace, "subject"] });
    },
    onError: (error) => {
      renew();
      problem.set(error);
    },
  });
  const fault = indexJson(values.data);
  const wrong = fault.ok
    ? w.notJson
    : json.fault(json.faults[fault.fault.reason], fault.fault.line, fault.fault.column);
  const text = (name: "subject" | "status" | "at" | "id", path: string) => ({
    label: w[name],
    name: path,
    value: values[name],
    onChange: (value: string) => set({ [name]: value }),
    error: problem.of(path),
  });
  if (publish.isSuccess) {
    const { subject } = values;
    return (
      <Dialog
        title={w.done}
        width="small"
        onClose={props.onClose}
        footer={
          <>
            <Button onPress={() => publish.reset()}>{w.another}</Button>
            <ButtonLink primary href={paths.deliveries(client.workspace, { subject })}>
              {w.see}
            </ButtonLink>
          </>
        }
      >
        <Banner tone="ok">
          {w.done}: <code>{publish.data.id}</code>
        </Banner>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={w.publishTitle}
      onClose={props.onClose}
      footer={
        <>
          <Button onPress={props.onClose}>{common.cancel}</Button>
          <Button
            kind="primary"
            submit
            form="publish-event"
            busy={publish.isPending}
            reason={data === undefined ? w.notJson : undefined}
          >
            {w.send}
          </Button>
        </>
      }
    >
      <Form id="publish-event" problem={problem} onSubmit={() => data && publish.mutate()}>
        <TextInput
          required
          code
          label={w.type}
          hint={w.typeHint}
          name="type"
          value={values.type}
          onChange={(type) => set({ type })}
          error={problem.of("type")}
        />
        <TextInput required {...text("subject", "subject")} hint={w.subjectHint} maxLength={256} />
        <TextInput {...text("status", "subject_status")} maxLength={64} />
        <TextInput {...text("at", "occurred_at")} hint={w.atHint} />
        <TextInput {...text("id", "id")} hint={w.idHint} maxLength={255} />
        <TextInput
          required
          code
          lines={10}
          label={w.data}
          name="data"
          value={values.data}
          onChange={(changed) => set({ data: changed })}
          error={data === undefined ? wrong : problem.of("data")}
        />
      </Form>
    </Dialog>
  );
}
