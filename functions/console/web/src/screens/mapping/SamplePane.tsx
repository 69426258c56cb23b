import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, useApplications } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Json, type PathMark, type Picked } from "../../ui/Json/Json.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";

import { useWords } from "../../words/index.ts";
import styles from "./Mapping.module.css";
import { PathList } from "./PathList.tsx";
import { type Sample, type SampleBody, samplesQuery } from "./sample.ts";
import { useMoment } from "./useMoment.ts";

const APPLICATION = "application";
const PASTED = "pasted";

function useSampleOptions(origin: string, integration: string, application: string) {
  const client = useClient();
  const { mapping: words } = useWords();
  const moment = useMoment();
  const samples = useQuery(samplesQuery(client, origin, integration));
  const name = useApplications().data?.find((one) => one.key === application)?.name ?? application;
  return [
    ...(samples.data ?? []).map((webhook) => ({
      id: webhook.id,
      label: moment(webhook.received_at),
      about:
        webhook.status === "error" ? (webhook.error?.message ?? words.sample.error) : undefined,
    })),
    {
      id: APPLICATION,
      label: words.sample.application(name),
      about: words.sample.applicationAbout,
    },
    { id: PASTED, label: words.sample.pasted, about: words.sample.pastedAbout },
  ];
}

/** The payload that the mapping is tried on, and the choice of another. */
export function SamplePane(props: {
  origin: string;
  integration: string;
  application: string;
  sample: Sample;
  onSample: (sample: Sample) => void;
  body: SampleBody;
  paths: Schemas["Preview"]["paths"] | undefined;
  marks: readonly PathMark[];
  onPick: (picked: Picked) => void;
  onPickPath: (path: string, value: unknown) => void;
  /** The label of the field for which a value is being chosen. */
  choosingFor: string | undefined;
  onStop: () => void;
}) {
  const { mapping: words } = useWords();
  const { sample } = props;
  const [pasting, setPasting] = useState(sample.kind === "pasted" && sample.text === "");
  const options = useSampleOptions(props.origin, props.integration, props.application);
  const value = sample.kind === "webhook" ? sample.id : pasting ? PASTED : sample.kind;
  function choose(id: string) {
    setPasting(id === PASTED);
    if (id === APPLICATION) props.onSample({ kind: "application" });
    else if (id !== PASTED) props.onSample({ kind: "webhook", id });
  }
  return (
    <section className={styles.pane} aria-labelledby="sample-title">
      <h2 id="sample-title">{words.sample.title}</h2>
      <Select
        label={words.sample.choose}
        name="sample"
        required
        options={options}
        value={value}
        onChange={choose}
      />
      {pasting ? (
        <Paste
          text={sample.kind === "pasted" ? sample.text : ""}
          onUse={(text) => {
            setPasting(false);
            props.onSample({ kind: "pasted", text });
          }}
        />
      ) : (
        <>
          <p className={styles.hint} data-choosing={props.choosingFor !== undefined}>
            {props.choosingFor === undefined
              ? words.sample.hint
              : words.sample.hintFor(props.choosingFor)}
            {props.choosingFor !== undefined && (
              <Button small kind="quiet" onPress={props.onStop}>
                {words.sample.stop}
              </Button>
            )}
          </p>
          <Payload {...props} />
        </>
      )}
    </section>
  );
}

/** JSON is shown as a tree; of other bodies the paths that the gateway found are listed. */
function Payload(props: Parameters<typeof SamplePane>[0]) {
  const { mapping: words } = useWords();
  const { body } = props;
  if (body.error) return <Problem error={body.error} onRetry={body.retry} />;
  if (body.isLoading || body.text === undefined) return <Skeleton lines={8} />;
  const isTree = props.sample.kind === "webhook" || /^\s*[[{]/.test(body.text);
  if (!isTree && props.paths) return <PathList paths={props.paths} onPick={props.onPickPath} />;
  return (
    <div className={styles.viewer}>
      <Json
        text={body.text}
        label={words.sample.payload}
        marks={props.marks}
        onUse={props.onPick}
      />
    </div>
  );
}

function Paste(props: { text: string; onUse: (text: string) => void }) {
  const { mapping: words } = useWords();
  const [text, setText] = useState(props.text);
  return (
    <form
      className={styles.paste}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") props.onUse(text);
      }}
    >
      <TextInput
        label={words.sample.paste}
        name="body"
        required
        code
        lines={14}
        value={text}
        onChange={setText}
        hint={words.sample.pasteHint}
      />
      <Button submit kind="primary">
        {words.sample.pasteUse}
      </Button>
    </form>
  );
}
