import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { Page } from "../../shell/Page.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import styles from "./Settings.module.css";
import { SettingsTabs } from "./SettingsTabs.tsx";

const MOST = 10;

/** C-34: the addresses that get notices by e-mail, and their language. */
export function Recipients() {
  const texts = useWords().settings.recipients;
  const query = useWorkspaceSettings();
  return (
    <Page title={texts.title} description={texts.description}>
      <SettingsTabs current="recipients" />
      {query.isPending && <Skeleton />}
      {query.isError && !query.data && (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && <Addresses workspace={query.data} />}
    </Page>
  );
}

function Addresses({ workspace }: { workspace: Schemas["Workspace"] }) {
  const client = useClient();
  const queries = useQueryClient();
  const words = useWords();
  const texts = words.settings.recipients;
  const problem = useFormProblem();
  const needs = useMay("admin") ? undefined : words.common.needs.admin;
  const [email, setEmail] = useState("");
  const addresses = workspace.notice_recipients;
  const change = useMutation({
    mutationFn: (body: Schemas["WorkspacePatch"]) =>
      client.patch("/v1/workspace", { body, version: workspace.version }),
    onSuccess: (changed) => {
      queries.setQueryData([client.workspace, "workspace"], changed);
      say({ text: texts.saved, tone: "ok" });
      problem.set(null);
      setEmail("");
    },
    onError: problem.set,
  });
  const full = addresses.length >= MOST ? texts.full : undefined;
  return (
    <div className={styles.form}>
      {addresses.length === 0 ? (
        <Banner tone="wait">{texts.none}</Banner>
      ) : (
        <ul className={styles.rows}>
          {addresses.map((address) => (
            <li key={address}>
              <Foreign text={address} />
              <IconButton
                icon="trash"
                small
                label={texts.remove(address)}
                reason={needs}
                onPress={() =>
                  change.mutate({ notice_recipients: addresses.filter((one) => one !== address) })
                }
              />
            </li>
          ))}
        </ul>
      )}
      <Form
        problem={problem}
        onSubmit={() => change.mutate({ notice_recipients: [...addresses, email.trim()] })}
      >
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
        onChange={(id) => change.mutate({ notice_language: id === "en" ? "en" : "pt" })}
      />
    </div>
  );
}
