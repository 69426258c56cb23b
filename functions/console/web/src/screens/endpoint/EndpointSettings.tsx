import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { isConflict } from "../changes/Conflict.tsx";
import { bannerOf } from "../changes/Refusal.tsx";
import { type Hold, useHeld } from "../changes/useHeld.ts";
import { ExtraFields } from "../endpoints/ExtraFields.tsx";
import { extrasOf, headersOf, limitsOf } from "../endpoints/extras.ts";
import { NameAndUrl } from "../endpoints/NameAndUrl.tsx";
import { Patience } from "../endpoints/Patience.tsx";
import { PolicyFields } from "../endpoints/PolicyFields.tsx";
import { draftOf, policyOf } from "../endpoints/policyDraft.ts";
import { type Endpoint, useEndpointTouched } from "../endpoints/useEndpointActions.tsx";
import { changedOver, changeOf } from "./change.ts";
import styles from "./Endpoint.module.css";
import { EndpointConflict } from "./EndpointConflict.tsx";

/** Name, URL, policy and limits. Order and limits change only while the endpoint is disabled: said before trying. */
export function EndpointSettings(props: { endpoint: Endpoint; onDisable: () => void }) {
  const { base, hold } = useHeld(props.endpoint);
  const { state } = props.endpoint;
  return (
    <Settings
      key={base.version}
      endpoint={base}
      isDisabled={state === "disabled"}
      hold={hold}
      onDisable={props.onDisable}
    />
  );
}

function Settings(props: {
  endpoint: Endpoint;
  /** The present state of the endpoint; `endpoint` is the one that was opened. */
  isDisabled: boolean;
  hold: Hold;
  onDisable: () => void;
}) {
  const { endpoint, hold } = props;
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
  const [extras, setExtras] = useState(() => extrasOf(endpoint));
  const locked = props.isDisabled ? undefined : texts.one.locked;
  const policy = policyOf(draft);
  const limits = limitsOf(extras);
  const headers = headersOf(extras.headers);
  const body = changeOf(endpoint, { name, url, policy, limits, headers });
  const isChanged = Object.keys(body).length > 0;
  useEffect(() => hold(isChanged), [hold, isChanged]);
  const release = () => hold(false);
  const save = useMutation({
    mutationFn: (version: number) =>
      client.patch("/v1/endpoints/{endpoint}", {
        path: { endpoint: endpoint.id },
        version,
        body,
      }),
    onSuccess: (changed) => {
      say({ text: texts.form.saved, tone: "ok" });
      touched(changed);
      release();
    },
    onError: (error) => {
      problem.set(error);
      // It was enabled meanwhile: the form is locked, and what was typed stays.
      if (isActive(error)) touched();
    },
  });
  const unchanged = isChanged ? undefined : words.mapping.save.unchanged;
  const why = policy && limits ? unchanged : texts.form.number;
  const { error } = problem;
  const active = words.codes.endpoint_active;
  return (
    <div className={styles.form}>
      <Form
        problem={isActive(error) ? { ...problem, error: null } : bannerOf(problem)}
        onSubmit={() => save.mutate(endpoint.version)}
      >
        {locked && (
          <Banner
            tone={isActive(error) ? "bad" : "plain"}
            alert={isActive(error)}
            action={
              <Button
                small
                reason={may ? undefined : words.common.needs.admin}
                onPress={props.onDisable}
              >
                {isActive(error) ? active.button : texts.one.disableToChange}
              </Button>
            }
          >
            {isActive(error) ? active.next : locked}
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
        <ExtraFields
          extras={extras}
          onChange={setExtras}
          of={problem.of}
          isOrdered={draft.order !== "none"}
          isLocked={Boolean(locked)}
        />
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
            reason={may ? why : words.common.needs.admin}
          >
            {texts.form.save}
          </Button>
        </div>
      </Form>
      {isConflict(error) && (
        <EndpointConflict
          error={error}
          opened={endpoint}
          change={(theirs) => changedOver(theirs, body)}
          onKeep={(theirs) => {
            problem.set(null);
            save.mutate(theirs.version);
          }}
          onTake={(theirs) => {
            touched(theirs);
            release();
          }}
          onClose={() => problem.set(null)}
        />
      )}
    </div>
  );
}

function isActive(error: unknown): boolean {
  return isProblem(error) && error.code === "endpoint_active";
}
