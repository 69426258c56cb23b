import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useMay, useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { paths } from "../../lib/paths.ts";
import { POLICY_OF, type Policy, PRESETS, type Preset } from "../../lib/presets.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { RadioCards } from "../../ui/RadioCards.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { useWords } from "../../words/index.ts";
import { VerifySnippets } from "../delivery/VerifySnippets.tsx";
import styles from "./Endpoints.module.css";
import { ExtraFields } from "./ExtraFields.tsx";
import { type Extras, headersOf, limitsOf, NO_EXTRAS } from "./extras.ts";
import { NameAndUrl } from "./NameAndUrl.tsx";
import { Patience } from "./Patience.tsx";
import { PolicyFields } from "./PolicyFields.tsx";
import { type Draft, draftOf, policyOf } from "./policyDraft.ts";
import { useEndpointTouched } from "./useEndpointActions.tsx";

type Choice = Preset | "custom";

/** C-24: a new endpoint, its behaviour by preset or by every number, then its secret, once. */
export function NewEndpoint() {
  const client = useClient();
  const words = useWords();
  const texts = words.endpoints;
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const { key } = useIdempotencyKey();
  const problem = useFormProblem();
  const touched = useEndpointTouched();
  const { data: settings } = useWorkspaceSettings();
  const may = useMay("admin");
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [choice, setChoice] = useState<Choice>("standard-webhooks");
  const [draft, setDraft] = useState<Draft>(() => draftOf(POLICY_OF["standard-webhooks"]));
  const [extras, setExtras] = useState<Extras>(NO_EXTRAS);
  const [more, setMore] = useState(false);
  const [start] = useState(Date.now);
  const own = policyOf(draft);
  const policy: Policy | null = choice === "custom" ? own : POLICY_OF[choice];
  const unfinished = policy && limitsOf(extras) ? undefined : texts.form.number;
  const create = useMutation({
    mutationFn: () =>
      client.post("/v1/endpoints", {
        body: {
          name: name.trim(),
          url: url.trim(),
          ...(choice === "custom" ? { policy: own ?? {} } : { preset: choice }),
          headers: headersOf(extras.headers),
          limits: limitsOf(extras) ?? null,
        },
        idempotencyKey: key,
      }),
    onSuccess: (made) => touched(made),
    onError: (error) => {
      // The refused field has to be in sight before it takes the focus.
      if (isProblem(error) && /^(headers|limits)/.test(error.path ?? "")) setMore(true);
      problem.set(error);
    },
  });
  const made = create.data;
  const open = () => {
    if (made) void router.navigate({ href: paths.endpoint(ws, made.id) });
  };
  return (
    <Page title={texts.new} above={[{ label: texts.title, href: paths.endpoints(ws) }]}>
      <div className={styles.form}>
        <Form problem={problem} onSubmit={() => create.mutate()}>
          <NameAndUrl
            name={name}
            url={url}
            onName={setName}
            onUrl={setUrl}
            of={problem.of}
            plainHttp={settings?.plain_http ?? false}
            autoFocus
          />
          <RadioCards
            wide
            label={texts.form.behaviour}
            value={choice}
            onChange={(next) => {
              if (next === "custom" && choice !== "custom") setDraft(draftOf(POLICY_OF[choice]));
              setChoice(next);
            }}
            cards={[...PRESETS, "custom" as const].map((id) => ({ id, ...texts.presets[id] }))}
          />
          {choice === "custom" && (
            <PolicyFields draft={draft} onChange={setDraft} of={problem.of} />
          )}
          {policy && (
            <div className={styles.box}>
              <Patience policy={policy} start={start} />
            </div>
          )}
          <details
            className={styles.more}
            open={more}
            onToggle={(event) => setMore(event.currentTarget.open)}
          >
            <summary>{texts.form.more}</summary>
            <div className={styles.extras}>
              <ExtraFields
                extras={extras}
                onChange={setExtras}
                of={problem.of}
                isOrdered={Boolean(policy?.order)}
              />
            </div>
          </details>
          <div className={styles.buttons}>
            <Button
              kind="primary"
              submit
              busy={create.isPending}
              reason={may ? unfinished : words.common.needs.admin}
            >
              {texts.form.create}
            </Button>
            <ButtonLink href={paths.endpoints(ws)}>{words.common.cancel}</ButtonLink>
          </div>
        </Form>
      </div>
      {made?.secret && (
        <SecretOnce
          title={texts.secret.created(made.name)}
          secret={made.secret}
          fileName={texts.secret.file}
          onClose={open}
        >
          <p>{texts.secret.next}</p>
          <VerifySnippets get={false} />
        </SecretOnce>
      )}
    </Page>
  );
}
