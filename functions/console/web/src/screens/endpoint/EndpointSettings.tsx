import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Fields, TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { NameAndUrl } from "../endpoints/NameAndUrl.tsx";
import { Patience } from "../endpoints/Patience.tsx";
import { PolicyFields } from "../endpoints/PolicyFields.tsx";
import { draftOf, policyOf, whole } from "../endpoints/policyDraft.ts";
import { type Endpoint, useEndpointTouched } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";

/** Name, URL, policy and limits. Order and limits change only while the endpoint is disabled: said before trying. */
export function EndpointSettings(props: { endpoint: Endpoint; onDisable: () => void }) {
  const { endpoint } = props;
  const client = useClient();
  const words = useWords();
  const texts = words.endpoints;
  const problem = useFormProblem();
  const touched = useEndpointTouched();
  const { data: settings } = useWorkspaceSettings();
  const may = useMay("admin");
  const [now] = useState(Date.now);
  const [name, setName] = useState(endpoint.name);
  const [url, setUrl] = useState(endpoint.url);
  const [draft, setDraft] = useState(() => draftOf(endpoint.policy));
  const [atOnce, setAtOnce] = useState(String(endpoint.limits.max_concurrency ?? ""));
  const [rate, setRate] = useState(String(endpoint.limits.rate_per_second ?? ""));
  const locked = endpoint.state === "disabled" ? undefined : texts.one.locked;
  const policy = policyOf(draft);
  const save = useMutation({
    mutationFn: () =>
      client.patch("/v1/endpoints/{endpoint}", {
        path: { endpoint: endpoint.id },
        version: endpoint.version,
        body: {
          ...(name === endpoint.name ? {} : { name: name.trim() }),
          ...(url === endpoint.url ? {} : { url: url.trim() }),
          ...(policy && JSON.stringify(draft) !== JSON.stringify(draftOf(endpoint.policy))
            ? { policy }
            : {}),
          ...(locked
            ? {}
            : { limits: { max_concurrency: whole(atOnce), rate_per_second: whole(rate) } }),
        },
      }),
    onSuccess: (changed) => {
      say({ text: texts.form.saved, tone: "ok" });
      touched(changed);
    },
    onError: problem.set,
  });
  return (
    <div className={styles.form}>
      <Form problem={problem} onSubmit={() => save.mutate()}>
        {locked && (
          <Banner
            tone="plain"
            action={
              <Button
                small
                reason={may ? undefined : words.common.needs.admin}
                onPress={props.onDisable}
              >
                {texts.one.disableToChange}
              </Button>
            }
          >
            {locked}
          </Banner>
        )}
        <NameAndUrl
          name={name}
          url={url}
          onName={setName}
          onUrl={setUrl}
          of={problem.of}
          plainHttp={settings?.plain_http ?? false}
        />
        <PolicyFields draft={draft} onChange={setDraft} of={problem.of} locked={locked} />
        <Fields legend={texts.form.limits}>
          <div className={styles.grid}>
            <TextInput
              label={texts.form.concurrency}
              name="limits.max_concurrency"
              value={atOnce}
              onChange={setAtOnce}
              readOnly={Boolean(locked)}
              error={problem.of("limits.max_concurrency")}
            />
            <TextInput
              label={texts.form.rate}
              name="limits.rate_per_second"
              value={rate}
              onChange={setRate}
              readOnly={Boolean(locked)}
              error={problem.of("limits.rate_per_second")}
            />
          </div>
        </Fields>
        {policy && (
          <div className={styles.box}>
            <Patience policy={policy} start={now} />
          </div>
        )}
        <div>
          <Button
            kind="primary"
            submit
            busy={save.isPending}
            reason={may ? (policy ? undefined : texts.form.number) : words.common.needs.admin}
          >
            {texts.form.save}
          </Button>
        </div>
      </Form>
    </div>
  );
}
