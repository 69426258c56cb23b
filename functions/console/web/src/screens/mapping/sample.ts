import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Client } from "../../api/client.ts";
import { type Schemas, useApplications } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import type { Mapping } from "../../lib/mappingDraft.ts";

/** The payload that a mapping is tried on. */
export type Sample =
  | { readonly kind: "webhook"; readonly id: string }
  | { readonly kind: "application" }
  | { readonly kind: "pasted"; readonly text: string };

export type PreviewRequest = Schemas["PreviewRequest"];

/** The newest webhooks of an integration to choose from, those with an error first. */
export function samplesQuery(client: Client, origin: string, integration: string) {
  return queryOptions({
    queryKey: [client.workspace, "samples", origin, integration],
    queryFn: async ({ signal }) => {
      const page = await client.get("/v1/origins/{origin}/webhooks", {
        path: { origin },
        query: { integration: [integration], limit: 20 },
        signal,
      });
      const rank = (status: string) => (status === "error" ? 0 : 1);
      return page.items.toSorted((a, b) => rank(a.status) - rank(b.status));
    },
  });
}

const MOST_PARTS = 8;

/** The next part of a body that is answered in parts; `undefined` at its end. */
export function nextPart(link: string | null): string | undefined {
  return link?.match(/<([^>]+)>\s*;\s*rel="?next"?/)?.[1];
}

/** The body of a stored webhook as the tree that mappings read, as text. */
export function treeQuery(client: Client, origin: string, webhook: string) {
  return queryOptions({
    queryKey: [client.workspace, "tree", webhook],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: async ({ signal }) => {
      const encoded = [origin, webhook].map(encodeURIComponent);
      let at: string | undefined =
        `/v1/origins/${encoded[0]}/webhooks/${encoded[1]}/payload?view=json`;
      let text = "";
      for (let part = 0; at !== undefined && part < MOST_PARTS; part += 1) {
        const answer = await client.raw(at, signal);
        text += await answer.text();
        at = nextPart(answer.headers.get("link"));
      }
      return text;
    },
  });
}

export interface SampleBody {
  /** The text that is shown: the tree, or the body as a sender writes it. */
  readonly text: string | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

function catalogueBody(application: Schemas["Application"] | undefined): string | undefined {
  if (application === undefined) return undefined;
  const { body } = application.sample;
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}

/** The text of a sample. */
export function useSampleBody(sample: Sample, origin: string, application: string): SampleBody {
  const client = useClient();
  const applications = useApplications();
  const webhook = sample.kind === "webhook" ? sample.id : "";
  const tree = useQuery({ ...treeQuery(client, origin, webhook), enabled: webhook !== "" });
  if (sample.kind === "pasted") {
    return { text: sample.text, isLoading: false, error: null, retry: () => {} };
  }
  const query = sample.kind === "webhook" ? tree : applications;
  const found = applications.data?.find((one) => one.key === application);
  return {
    text: sample.kind === "webhook" ? tree.data : catalogueBody(found),
    isLoading: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

function looksLikeJson(text: string): boolean {
  return /^\s*[[{"]/.test(text);
}

/** The request that tries a mapping on a sample; `undefined` until the sample is there. */
export function previewRequest(
  sample: Sample,
  body: string | undefined,
  application: Schemas["Application"] | undefined,
  mapping: Mapping,
): PreviewRequest | undefined {
  if (sample.kind === "webhook") return { webhook: sample.id, mapping };
  if (body === undefined || body.trim() === "") return undefined;
  if (sample.kind === "application") {
    const type = application?.sample.content_type ?? "application/json";
    return { body, content_type: type, mapping };
  }
  const type = looksLikeJson(body) ? "application/json" : "application/x-www-form-urlencoded";
  return { body, content_type: type, mapping };
}
