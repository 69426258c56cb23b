import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useEventTypes, useRules } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useWorkspace } from "../../api/context.tsx";
import type { SendPreview } from "../../api/deliveries.ts";
import { isProblem } from "../../api/problem.ts";
import { tailOf } from "../../lib/ids.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { say } from "../../ui/toasts.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Deliveries.module.css";
import { PreviewedRequests } from "./PreviewedRequests.tsx";

const ANY = "any";
const FORM = "send-manually";

/** Sends the newest stored event of a subject again, after a look at every request (S2.7). */
export function SendDialog(props: {
  subject: string;
  onClose: () => void;
  /** Ids of the new deliveries. */
  onSent: (made: string[]) => void;
}) {
  const client = useClient();
  const { id: ws } = useWorkspace();
  const words = useWords();
  const texts = words.deliveries.manual;
  const { key } = useIdempotencyKey();
  const problem = useFormProblem();
  const [subject, setSubject] = useState(props.subject);
  const [type, setType] = useState<string | null>(null);
  const [rule, setRule] = useState<string | null>(null);
  const [preview, setPreview] = useState<SendPreview | null>(null);
  const body = {
    subject: subject.trim(),
    ...(type !== null && type !== ANY ? { type } : {}),
    ...(rule !== null && rule !== ANY ? { rule } : {}),
  };
  const chosen = "type" in body || "rule" in body;

  const ask = useMutation({
    mutationFn: () => client.post("/v1/deliveries/send", { body: { ...body, preview: true } }),
    onSuccess: (answer) => setPreview("requests" in answer ? answer : null),
    onError: problem.set,
  });
  const send = useMutation({
    mutationFn: () => client.post("/v1/deliveries/send", { body, idempotencyKey: key }),
    onSuccess: (answer) => {
      if (!("items" in answer)) return;
      const { items, refused } = answer;
      const bad = refused.length > 0 ? ` · ${texts.refused(refused.length)}` : "";
      say({ text: texts.sent(items.length) + bad, tone: bad ? "bad" : "ok" });
      props.onSent(items.map(({ id }) => id));
      props.onClose();
    },
    onError: (error) => {
      setPreview(null);
      problem.set(error);
    },
  });
  const noEvent = isProblem(problem.error) && problem.error.code === "no_event_for_subject";

  if (preview) {
    const count = preview.requests.length;
    return (
      <Dialog
        title={count === 0 ? texts.nothing : texts.previewTitle(count)}
        width="large"
        onClose={props.onClose}
        footer={
          <>
            <Button onPress={() => setPreview(null)}>{texts.back}</Button>
            {count > 0 && (
              <Button
                kind="primary"
                icon="send"
                busy={send.isPending}
                onPress={() => send.mutate()}
              >
                {texts.send(count)}
              </Button>
            )}
          </>
        }
      >
        <PreviewedRequests preview={preview} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={texts.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onPress={props.onClose}>{words.common.cancel}</Button>
          <Button
            kind="primary"
            submit
            form={FORM}
            busy={ask.isPending}
            reason={subject.trim() === "" || !chosen ? texts.oneOf : undefined}
          >
            {texts.preview}
          </Button>
        </>
      }
    >
      <Form id={FORM} problem={problem} onSubmit={() => ask.mutate()}>
        {noEvent && (
          <Banner
            tone="wait"
            action={<ButtonLink href={paths.eventTypes(ws)}>{texts.publish}</ButtonLink>}
          >
            {texts.noEvent}
          </Banner>
        )}
        <p className={styles.note}>{texts.hint}</p>
        <TextInput
          label={texts.subject}
          name="subject"
          value={subject}
          onChange={setSubject}
          required
          autoFocus
          maxLength={256}
          error={problem.of("subject")}
        />
        <Choices type={type} rule={rule} onType={setType} onRule={setRule} of={problem.of} />
      </Form>
    </Dialog>
  );
}

function Choices(props: {
  type: string | null;
  rule: string | null;
  onType: (type: string) => void;
  onRule: (rule: string) => void;
  of: (path: string) => string | undefined;
}) {
  const texts = useWords().deliveries.manual;
  const language = useLanguage();
  const types = useEventTypes().data ?? [];
  const rules = useRules().data ?? [];
  return (
    <div className={styles.two}>
      <Select
        label={texts.type}
        name="type"
        value={props.type}
        placeholder={texts.anyType}
        options={[
          { id: ANY, label: texts.anyType },
          ...types.map(({ type, label }) => ({ id: type, label: label[language], about: type })),
        ]}
        onChange={props.onType}
        error={props.of("type")}
        hint={texts.oneOf}
      />
      <Select
        label={texts.rule}
        name="rule"
        value={props.rule}
        placeholder={texts.anyRule}
        options={[
          { id: ANY, label: texts.anyRule },
          ...rules.map(({ id, name }) => ({ id, label: name, about: tailOf(id) })),
        ]}
        onChange={props.onRule}
        error={props.of("rule")}
      />
    </div>
  );
}
