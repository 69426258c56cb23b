import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Client } from "../../api/client.ts";
import type { Schemas } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import type { PreviewRequest } from "./sample.ts";

export type Preview = Schemas["Preview"];

/** Asks the gateway what a mapping makes of a sample. Nothing is written. */
export function askPreview(
  client: Client,
  integration: string,
  body: PreviewRequest,
  signal?: AbortSignal,
) {
  return client.post("/v1/integrations/{integration}/preview", {
    path: { integration },
    body,
    signal,
  });
}

const WAIT_MS = 300;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** The preview of a request, asked when it has not changed for 300 ms; the answer before stays meanwhile. */
export function usePreview(integration: string, request: PreviewRequest | undefined) {
  const client = useClient();
  const may = useMay("operator");
  const now = JSON.stringify(request) ?? "";
  const settled = useSettled(now);
  return useQuery({
    queryKey: [client.workspace, "preview", integration, settled],
    enabled: may && settled !== "",
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    queryFn: ({ signal }) => {
      const body: PreviewRequest = JSON.parse(settled);
      return askPreview(client, integration, body, signal);
    },
  });
}
