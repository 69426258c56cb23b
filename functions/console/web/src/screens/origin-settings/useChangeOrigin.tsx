import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Client } from "../../api/client.ts";
import { originsQuery, type Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import type { FormProblem } from "../../ui/Form.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { Conflict, isConflict } from "../changes/Conflict.tsx";
import type { Description } from "../changes/fields.ts";

export type Origin = Schemas["Origin"];
type Patch = Schemas["OriginPatch"];
type OriginForm = "general" | "advanced";

export function originQuery(client: Client, origin: string) {
  return queryOptions({
    queryKey: [client.workspace, "origin", origin],
    queryFn: ({ signal }) => client.get("/v1/origins/{origin}", { path: { origin }, signal }),
  });
}

/**
 * Changes an origin as it was read. Where somebody else changed it meanwhile, `conflict` asks whose change stays; the
 * form draws it. `onDone` is called when nothing typed is left to keep.
 */
export function useChangeOrigin(
  origin: Origin,
  form: OriginForm,
  patch: Patch,
  problem: FormProblem,
  onDone: () => void,
): { save: () => void; isPending: boolean; conflict: ReactNode } {
  const client = useClient();
  const queries = useQueryClient();
  const w = useWords().home.origins;
  const description = useOriginDescription(form);
  const path = { origin: origin.id };
  function keep(changed: Origin) {
    queries.setQueryData(originQuery(client, origin.id).queryKey, changed);
    void queries.invalidateQueries({ queryKey: originsQuery(client).queryKey });
    onDone();
  }
  const change = useMutation({
    mutationFn: (version: number) =>
      client.patch("/v1/origins/{origin}", { path, version, body: patch }),
    onSuccess: (changed) => {
      say({ text: w.saved, tone: "ok" });
      keep(changed);
    },
    onError: problem.set,
  });
  const { error } = problem;
  return {
    save: () => change.mutate(origin.version),
    isPending: change.isPending,
    conflict: isConflict(error) && (
      <Conflict
        error={error}
        opened={origin}
        read={(signal) => client.get("/v1/origins/{origin}", { path, signal })}
        change={() => patch}
        description={description}
        onKeep={(theirs) => {
          problem.set(null);
          change.mutate(theirs.version);
        }}
        onTake={keep}
        onClose={() => problem.set(null)}
      />
    ),
  };
}

/** The settings of one form of an origin, in its words. */
function useOriginDescription(form: OriginForm): Description<Origin> {
  const w = useWords().home.origins;
  const labels: Readonly<Record<string, string>> = {
    name: w.name,
    stages: w.stages,
    read_shards: w.readShards,
    write_shards: w.writeShards,
  };
  return {
    of: ({ name, stages, read_shards, write_shards }) =>
      form === "general"
        ? { name, stages: stages.map((stage) => stage.name) }
        : { read_shards, write_shards },
    label: (path) => labels[path] ?? path,
  };
}
