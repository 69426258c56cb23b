import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { whole } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { problemText } from "../../lib/problemText.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { useMoment } from "../mapping/useMoment.ts";
import styles from "./Integration.module.css";
import type { IntegrationSearch } from "./search.ts";
import type { Integration } from "./useChange.ts";
import { useGuardedChange } from "./useGuardedChange.tsx";

function useVersion(integration: string, version: number) {
  const client = useClient();
  return useQuery({
    queryKey: [client.workspace, "mapping", integration, version],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const of = await client.get("/v1/integrations/{integration}", {
        path: { integration },
        query: { mapping_version: version },
        signal,
      });
      return of.mapping;
    },
  });
}

/** The time and the author of a version, as far as they were kept. */
function useAbout(integration: Integration): (version: number) => string | undefined {
  const client = useClient();
  const moment = useMoment();
  const listed = useQuery({
    queryKey: [client.workspace, "mappings", integration.id, integration.mapping_version],
    queryFn: ({ signal }) =>
      whole((cursor) =>
        client.get("/v1/integrations/{integration}/mappings", {
          path: { integration: integration.id },
          query: cursor === undefined ? { limit: 200 } : { limit: 200, cursor },
          signal,
        }),
      ),
  });
  return (version) => {
    const item = listed.data?.find((one) => one.version === version);
    const parts = [item?.at ? moment(item.at) : undefined, item?.by?.name ?? undefined];
    const text = parts.filter((part) => part !== undefined).join(" · ");
    return text === "" ? undefined : text;
  };
}

/** The mappings that there were: two compared, and an older one put in force again. */
export function VersionsTab(props: {
  integration: Integration;
  search: IntegrationSearch;
  change: (part: Partial<IntegrationSearch>, step?: "push" | "replace") => void;
}) {
  const { integration, search } = props;
  const { common, integrations } = useWords();
  const words = integrations.versions;
  const newest = integration.mapping_version;
  const isAdmin = useMay("admin");
  const to = Math.min(search.version ?? newest, newest);
  const [from, setFrom] = useState<number>();
  const other = from ?? Math.max(1, to - 1);
  const [restoring, setRestoring] = useState<number>();
  const aboutOf = useAbout(integration);
  const before = useVersion(integration.id, other);
  const after = useVersion(integration.id, to);
  if (newest === 1) return <p className={styles.hint}>{words.only}</p>;
  const options = Array.from({ length: newest }, (_, i) => newest - i).map((version) => ({
    id: String(version),
    label: words.version(version),
    about: aboutOf(version) ?? (version === newest ? words.current : undefined),
  }));
  const error = before.error ?? after.error;
  return (
    <div className={styles.group}>
      <p className={styles.hint}>{words.about}</p>
      <div className={styles.versions}>
        <Select
          required
          label={words.from}
          name="from"
          value={String(other)}
          options={options}
          onChange={(id) => setFrom(Number(id))}
        />
        <Select
          required
          label={words.to}
          name="to"
          value={String(to)}
          options={options}
          onChange={(id) => props.change({ version: Number(id) }, "replace")}
        />
        {[other, to]
          .filter((version, i, all) => version !== newest && all.indexOf(version) === i)
          .map((version) => (
            <Button
              key={version}
              onPress={() => setRestoring(version)}
              reason={isAdmin ? undefined : common.needs.admin}
            >
              {words.restore(version)}
            </Button>
          ))}
      </div>
      {error && <Problem error={error} />}
      {!error && (before.isPending || after.isPending) && <Skeleton lines={8} />}
      {before.data && after.data && (
        <JsonDiff before={before.data} after={after.data} label={words.compare(other, to)} />
      )}
      {restoring !== undefined && (
        <Restore
          integration={integration}
          version={restoring}
          onClose={() => setRestoring(undefined)}
        />
      )}
    </div>
  );
}

function Restore(props: { integration: Integration; version: number; onClose: () => void }) {
  const words = useWords();
  const { versions } = words.integrations;
  const { integration, version } = props;
  const mapping = useVersion(integration.id, version);
  const change = useGuardedChange(integration, props.onClose);
  function restore() {
    if (mapping.data === undefined) return;
    change.send({ mapping: mapping.data }, (saved) => {
      say({ text: words.mapping.save.saved(saved.mapping_version), tone: "ok" });
      props.onClose();
    });
  }
  if (change.conflict !== null) return change.conflict;
  return (
    <Confirm
      title={versions.restoreTitle(version)}
      action={versions.restore(version)}
      busy={change.isPending}
      reason={mapping.data === undefined ? words.common.loading : undefined}
      onConfirm={restore}
      onClose={props.onClose}
    >
      <p>{versions.restoreText(integration.mapping_version + 1)}</p>
      {change.error !== null && (
        <Banner tone="bad" alert>
          {problemText(change.error, words)}
        </Banner>
      )}
    </Confirm>
  );
}
