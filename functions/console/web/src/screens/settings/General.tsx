import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
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
import { isConflict } from "../changes/Conflict.tsx";
import { changedPart } from "../changes/fields.ts";
import { bannerOf } from "../changes/Refusal.tsx";
import { type Hold, useHeld } from "../changes/useHeld.ts";
import { whole } from "../endpoints/policyDraft.ts";
import styles from "./Settings.module.css";
import { SettingsTabs } from "./SettingsTabs.tsx";
import { useKeepWorkspace, WorkspaceConflict } from "./WorkspaceConflict.tsx";

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
      {query.data && <Editing workspace={query.data} />}
    </Page>
  );
}

function Editing({ workspace }: { workspace: Schemas["Workspace"] }) {
  const { base, hold } = useHeld(workspace);
  return <Fields key={base.version} workspace={base} hold={hold} />;
}

function Fields({ workspace, hold }: { workspace: Schemas["Workspace"]; hold: Hold }) {
  const client = useClient();
  const keep = useKeepWorkspace();
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
  const body = changedPart(
    {
      name: name.trim(),
      time_zone: zone,
      default_region: region.trim().toUpperCase(),
      plain_http: http,
      ...(kept.months === null ? {} : { inbound_months: kept.months }),
      ...(kept.days === null ? {} : { outbound_days: kept.days }),
    },
    workspace,
  );
  const isChanged = Object.keys(body).length > 0;
  useEffect(() => hold(isChanged), [hold, isChanged]);
  const take = (changed: Schemas["Workspace"]) => {
    keep(changed);
    hold(false);
  };
  const save = useMutation({
    mutationFn: (version: number) => client.patch("/v1/workspace", { version, body }),
    onSuccess: (changed) => {
      say({ text: texts.saved, tone: "ok" });
      take(changed);
    },
    onError: problem.set,
  });
  const unchanged = isChanged ? undefined : words.mapping.save.unchanged;
  const zones = Intl.supportedValuesOf("timeZone").map((id) => ({ id, label: id }));
  const known = zones.some(({ id }) => id === zone) ? zones : [{ id: zone, label: zone }, ...zones];
  const bad = kept.months === null || kept.days === null ? words.endpoints.form.number : undefined;
  return (
    <Form problem={bannerOf(problem)} onSubmit={() => save.mutate(workspace.version)}>
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
          <Button kind="primary" submit busy={save.isPending} reason={needs ?? bad ?? unchanged}>
            {words.common.save}
          </Button>
        </div>
      </div>
      {isConflict(problem.error) && (
        <WorkspaceConflict
          form="general"
          error={problem.error}
          opened={workspace}
          change={() => body}
          onKeep={(theirs) => {
            problem.set(null);
            save.mutate(theirs.version);
          }}
          onTake={take}
          onClose={() => problem.set(null)}
        />
      )}
    </Form>
  );
}
