import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { minuteText } from "../../lib/time.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Combo } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { say } from "../../ui/toasts.ts";
import { useNow } from "../../ui/useNow.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { whole } from "../endpoints/policyDraft.ts";
import styles from "./Settings.module.css";
import { SettingsTabs } from "./SettingsTabs.tsx";

/** C-30: the general settings of the workspace. */
export function General() {
  const texts = useWords().settings;
  const query = useWorkspaceSettings();
  return (
    <Page title={texts.title}>
      <SettingsTabs current="general" />
      {query.isPending && <Skeleton />}
      {query.isError && !query.data && (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && <Fields key={query.data.version} workspace={query.data} />}
    </Page>
  );
}

function Fields({ workspace }: { workspace: Schemas["Workspace"] }) {
  const client = useClient();
  const queries = useQueryClient();
  const words = useWords();
  const texts = words.settings.general;
  const language = useLanguage();
  const problem = useFormProblem();
  const needs = useMay("admin") ? undefined : words.common.needs.admin;
  const [name, setName] = useState(workspace.name);
  const [zone, setZone] = useState(workspace.time_zone);
  const [region, setRegion] = useState(workspace.default_region);
  const [months, setMonths] = useState(String(workspace.inbound_months));
  const [days, setDays] = useState(String(workspace.outbound_days));
  const [http, setHttp] = useState(workspace.plain_http);
  const now = new Date(useNow()).toISOString();
  const kept = { months: whole(months), days: whole(days) };
  const save = useMutation({
    mutationFn: () =>
      client.patch("/v1/workspace", {
        version: workspace.version,
        body: {
          name: name.trim(),
          time_zone: zone,
          default_region: region.trim().toUpperCase(),
          plain_http: http,
          ...(kept.months === null ? {} : { inbound_months: kept.months }),
          ...(kept.days === null ? {} : { outbound_days: kept.days }),
        },
      }),
    onSuccess: (changed) => {
      queries.setQueryData([client.workspace, "workspace"], changed);
      say({ text: texts.saved, tone: "ok" });
    },
    onError: problem.set,
  });
  const zones = Intl.supportedValuesOf("timeZone").map((id) => ({ id, label: id }));
  const known = zones.some(({ id }) => id === zone) ? zones : [{ id: zone, label: zone }, ...zones];
  const bad = kept.months === null || kept.days === null ? words.endpoints.form.number : undefined;
  return (
    <Form problem={problem} onSubmit={() => save.mutate()}>
      <div className={styles.form}>
        <TextInput
          label={texts.name}
          name="name"
          value={name}
          onChange={setName}
          error={problem.of("name")}
          required
        />
        <Combo
          label={texts.zone}
          name="time_zone"
          options={known}
          value={zone}
          onChange={setZone}
          error={problem.of("time_zone")}
          hint={texts.zoneHint(minuteText(now, zone, language))}
          required
        />
        <TextInput
          label={texts.region}
          name="default_region"
          value={region}
          onChange={setRegion}
          hint={texts.regionHint}
          error={problem.of("default_region")}
          maxLength={2}
          required
        />
        <div className={styles.two}>
          <TextInput
            label={texts.months}
            name="inbound_months"
            value={months}
            onChange={setMonths}
            hint={texts.keptHint}
            error={problem.of("inbound_months")}
            required
          />
          <TextInput
            label={texts.days}
            name="outbound_days"
            value={days}
            onChange={setDays}
            hint={texts.keptHint}
            error={problem.of("outbound_days")}
            required
          />
        </div>
        <Switch selected={http} onChange={setHttp} reason={needs}>
          {texts.http}
        </Switch>
        <p className={styles.id}>
          <span className={styles.muted}>{texts.id}</span> <code>{workspace.id}</code>
          <Copy text={workspace.id} />
        </p>
        <div>
          <Button kind="primary" submit busy={save.isPending} reason={needs ?? bad}>
            {words.common.save}
          </Button>
        </div>
      </div>
    </Form>
  );
}
