import { useQueryClient } from "@tanstack/react-query";
import { type Schemas, workspaceQuery } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { useWords } from "../../words/index.ts";
import { Conflict, type ConflictOf } from "../changes/Conflict.tsx";
import type { Description } from "../changes/fields.ts";

type Workspace = Schemas["Workspace"];
type WorkspaceForm = "general" | "recipients";

/** Keeps the answer of a change of the workspace. */
export function useKeepWorkspace() {
  const client = useClient();
  const queries = useQueryClient();
  return (changed: Workspace) => queries.setQueryData(workspaceQuery(client).queryKey, changed);
}

/** Somebody else saved the workspace's settings meanwhile. */
export function WorkspaceConflict(props: ConflictOf<Workspace> & { form: WorkspaceForm }) {
  const client = useClient();
  const description = useWorkspaceDescription(props.form);
  return (
    <Conflict
      {...props}
      description={description}
      read={(signal) => client.get("/v1/workspace", { signal })}
    />
  );
}

const FIELDS = {
  general: ["name", "time_zone", "default_region", "inbound_months", "outbound_days", "plain_http"],
  recipients: ["notice_recipients", "notice_language"],
} as const satisfies Record<WorkspaceForm, readonly (keyof Workspace)[]>;

const LANGUAGES: Readonly<Record<string, string>> = { pt: "Português", en: "English" };

/** The settings of one form of the workspace, in its words. */
function useWorkspaceDescription(form: WorkspaceForm): Description<Workspace> {
  const { general: w, pages, recipients } = useWords().settings;
  const labels: Readonly<Record<string, string>> = {
    name: w.name,
    time_zone: w.zone,
    default_region: w.region,
    inbound_months: w.months,
    outbound_days: w.days,
    plain_http: w.http,
    notice_recipients: pages.recipients,
    notice_language: recipients.language,
  };
  return {
    of: (workspace) => Object.fromEntries(FIELDS[form].map((name) => [name, workspace[name]])),
    label: (path) => labels[path] ?? path,
    text: (path, value) => (path === "notice_language" ? LANGUAGES[String(value)] : undefined),
  };
}
