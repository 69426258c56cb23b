import { useClient } from "../../api/context.tsx";
import { useWords } from "../../words/index.ts";
import { Conflict, type ConflictOf } from "../changes/Conflict.tsx";
import type { Description } from "../changes/fields.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import { comparedEndpoint } from "./compared.ts";

/** Somebody else saved the endpoint meanwhile. */
export function EndpointConflict(props: ConflictOf<Endpoint>) {
  const client = useClient();
  const description = useEndpointDescription();
  const path = { endpoint: props.opened.id };
  return (
    <Conflict
      {...props}
      description={description}
      read={(signal) => client.get("/v1/endpoints/{endpoint}", { path, signal })}
    />
  );
}

/** The settings of an endpoint in the words of its form. */
function useEndpointDescription(): Description<Endpoint> {
  const { form: w } = useWords().endpoints;
  // The form has a word for each of the settings, by the same name.
  const labels = new Map<string, unknown>(Object.entries(w));
  const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    success: { any2xx: w.any2xx, only200: w.only200 },
    order: { none: w.orderNone, skip: w.orderSkip, block: w.orderBlock },
    trip: { never: w.tripNever, window: w.tripWindow, streak: w.tripStreak },
    scope: w.scopes,
  };
  return {
    of: comparedEndpoint,
    label: (path) => String(labels.get(path) ?? path),
    text: (path, value) => values[path]?.[String(value)],
  };
}
