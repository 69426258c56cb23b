import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { whole } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import type { Codec } from "../../lib/search.ts";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import { useMoment } from "../mapping/useMoment.ts";
import type { RuleValue } from "./draft.ts";
import styles from "./Rule.module.css";
import { RuleDifference } from "./RuleDifference.tsx";

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
  const [wasAsked] = useState(search.version !== undefined);
  const [wasOpened, setOpened] = useState(wasAsked);
  const place = useRef<HTMLDetailsElement>(null);
  // The link of a version leads to its difference, which stands below the preview.
  useEffect(() => {
    if (wasAsked) place.current?.scrollIntoView({ block: "start" });
  }, [wasAsked]);
  if (rule.version === 1) return null;
  const chosen = Math.min(search.version ?? rule.version - 1, rule.version - 1);
  return (
    <details
      ref={place}
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
          <RuleDifference
            rule={rule}
            version={chosen}
            label={w.compare(chosen, rule.version)}
            columns={[w.version(chosen), w.version(rule.version)]}
          />
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
