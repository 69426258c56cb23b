import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { isConflict } from "../changes/Conflict.tsx";
import { bannerOf } from "../changes/Refusal.tsx";
import { LocalMailbox } from "./LocalMailbox.tsx";
import { Recipient } from "./Recipient.tsx";
import styles from "./Settings.module.css";
import { SettingsTabs } from "./SettingsTabs.tsx";
import { useKeepWorkspace, WorkspaceConflict } from "./WorkspaceConflict.tsx";

const MOST = 10;

type Workspace = Schemas["Workspace"];
/** A change as it is sent over a version of the workspace: an address is added to those that are there by then. */
type Change = (workspace: Workspace) => Schemas["WorkspacePatch"];

/** C-34: the addresses that get notices by e-mail, and their language. */
export function Recipients() {
  const { title, recipients: texts } = useWords().settings;
  const query = useWorkspaceSettings();
  return (
    <Page title={title}>
      <SettingsTabs current="recipients" />
      <p className={styles.muted}>{texts.description}</p>
      <LocalMailbox />
      {query.isPending && <Skeleton />}
      {query.isError && !query.data && (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && <Addresses workspace={query.data} />}
    </Page>
  );
}

function Addresses({ workspace }: { workspace: Workspace }) {
  const client = useClient();
  const keep = useKeepWorkspace();
  const words = useWords();
  const texts = words.settings.recipients;
  const problem = useFormProblem();
  const needs = useMay("admin") ? undefined : words.common.needs.admin;
  const [email, setEmail] = useState("");
  const addresses = workspace.notice_recipients;
  const change = useMutation({
    mutationFn: ({ change: of, over }: { change: Change; over: Workspace }) =>
      client.patch("/v1/workspace", { body: of(over), version: over.version }),
    onSuccess: (changed) => {
      keep(changed);
      say({ text: texts.saved, tone: "ok" });
      problem.set(null);
      setEmail("");
    },
    onError: problem.set,
  });
  const send = (of: Change) => change.mutate({ change: of, over: workspace });
  const add = email.trim();
  const full = addresses.length >= MOST ? texts.full : undefined;
  return (
    <div className={styles.form}>
      {addresses.length === 0 ? (
        <Banner tone="wait">{texts.none}</Banner>
      ) : (
        <ul className={styles.rows}>
          {workspace.recipients.map((recipient) => (
            <Recipient
              key={recipient.email}
              recipient={recipient}
              needs={needs}
              onProblem={problem.set}
              onRemove={() => send(without(recipient.email))}
            />
          ))}
        </ul>
      )}
      <Form problem={bannerOf(problem)} onSubmit={() => send(withAddress(add))}>
        <div className={styles.add}>
          <TextInput
            label={texts.email}
            name="notice_recipients"
            type="email"
            value={email}
            onChange={setEmail}
            error={problem.of("notice_recipients")}
            hint={texts.hint}
            required
          />
          <Button submit icon="plus" busy={change.isPending} reason={needs ?? full}>
            {texts.add}
          </Button>
        </div>
      </Form>
      <Select
        label={texts.language}
        name="notice_language"
        required
        value={workspace.notice_language}
        disabled={needs !== undefined}
        options={[
          { id: "pt", label: "Português" },
          { id: "en", label: "English" },
        ]}
        onChange={(id) => send(() => ({ notice_language: id === "en" ? "en" : "pt" }))}
      />
      {isConflict(problem.error) && change.variables && (
        <WorkspaceConflict
          form="recipients"
          error={problem.error}
          opened={change.variables.over}
          change={change.variables.change}
          onKeep={(theirs) => {
            problem.set(null);
            change.mutate({ change: change.variables.change, over: theirs });
          }}
          onTake={(theirs) => {
            keep(theirs);
            problem.set(null);
            setEmail("");
          }}
          onClose={() => problem.set(null)}
        />
      )}
    </div>
  );
}

function withAddress(address: string): Change {
  return ({ notice_recipients: there }) => ({
    notice_recipients: [...there.filter((one) => one !== address), address],
  });
}

function without(address: string): Change {
  return ({ notice_recipients: there }) => ({
    notice_recipients: there.filter((one) => one !== address),
  });
}
