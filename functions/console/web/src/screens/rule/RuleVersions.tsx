import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { whole } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import type { Codec } from "../../lib/search.ts";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { useMoment } from "../mapping/useMoment.ts";
import { type RuleValue, settingsOf } from "./draft.ts";
import styles from "./Rule.module.css";

interface VersionSearch {
  /** The version that is compared with the one in force, such as that of a delivery. */
  version: number | undefined;
}

export const versionSearch: Codec<VersionSearch> = {
  parse: ({ version }) => ({
    version: /^[1-9][0-9]{0,6}$/.test(version ?? "") ? Number(version) : undefined,
  }),
  write: ({ version }) => ({ version: version === undefined ? undefined : String(version) }),
};

/** The versions that a rule had; one is compared with the one in force. */
export function RuleVersions({ rule }: { rule: RuleValue }) {
  const { integrations } = useWords();
  const w = integrations.versions;
  const [search, change] = useAddress(versionSearch);
  const [wasOpened, setOpened] = useState(search.version !== undefined);
  if (rule.version === 1) return null;
  const chosen = Math.min(search.version ?? rule.version - 1, rule.version - 1);
  return (
    <details
      className={styles.versions}
      open={search.version !== undefined}
      onToggle={(event) => event.currentTarget.open && setOpened(true)}
    >
      <summary>{integrations.tabs.versions}</summary>
      {wasOpened && (
        <>
          <Chooser
            rule={rule}
            chosen={chosen}
            onChoose={(version) => change({ version }, "replace")}
          />
          <Difference rule={rule} version={chosen} label={w.compare(chosen, rule.version)} />
        </>
      )}
    </details>
  );
}

function Chooser(props: { rule: RuleValue; chosen: number; onChoose: (version: number) => void }) {
  const { rule } = props;
  const { integrations } = useWords();
  const w = integrations.versions;
  const client = useClient();
  const moment = useMoment();
  const listed = useQuery({
    queryKey: [client.workspace, "rule versions", rule.id, rule.version],
    queryFn: ({ signal }) =>
      whole((cursor) =>
        client.get("/v1/rules/{rule}/versions", {
          path: { rule: rule.id },
          query: cursor === undefined ? { limit: 200 } : { limit: 200, cursor },
          signal,
        }),
      ),
  });
  const aboutOf = (version: number) => {
    const item = listed.data?.find((one) => one.version === version);
    const parts = [item?.at ? moment(item.at) : undefined, item?.by?.name ?? undefined];
    return parts.filter((part) => part !== undefined).join(" · ") || undefined;
  };
  const older = Array.from({ length: rule.version - 1 }, (_, i) => rule.version - 1 - i);
  return (
    <Select
      required
      label={w.from}
      name="version"
      value={String(props.chosen)}
      options={older.map((version) => ({
        id: String(version),
        label: w.version(version),
        about: aboutOf(version),
      }))}
      onChange={(id) => props.onChoose(Number(id))}
    />
  );
}

function Difference(props: { rule: RuleValue; version: number; label: string }) {
  const { rule, version } = props;
  const client = useClient();
  const before = useQuery({
    queryKey: [client.workspace, "rule version", rule.id, version],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      client.get("/v1/rules/{rule}", { path: { rule: rule.id }, query: { version }, signal }),
  });
  if (before.error) return <Problem error={before.error} onRetry={() => void before.refetch()} />;
  if (!before.data) return <Skeleton lines={6} />;
  return <JsonDiff before={settingsOf(before.data)} after={settingsOf(rule)} label={props.label} />;
}
