import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";

export function useUrl(integration: string, enabled = true) {
  const client = useClient();
  const isAdmin = useMay("admin");
  return useQuery({
    queryKey: [client.workspace, "url", integration],
    enabled: enabled && isAdmin,
    queryFn: ({ signal }) =>
      client.get("/v1/integrations/{integration}/url", { path: { integration }, signal }),
  });
}

/** A command that sends the sample to a URL. */
export function curlOf(url: string, type: string, body: string): string {
  const quoted = body.replaceAll("'", `'\\''`);
  return `curl -X POST '${url}' -H 'content-type: ${type}' --data-raw '${quoted}'`;
}

/** The ingest URL, hidden until it is asked for, since it holds a secret. */
export function UrlBox(props: { integration: string; isShown?: boolean }) {
  const { integrations } = useWords();
  const words = integrations.url;
  const isAdmin = useMay("admin");
  const [asked, setAsked] = useState(props.isShown ?? false);
  const url = useUrl(props.integration, asked);
  if (!isAdmin) return <Banner tone="plain">{words.hidden}</Banner>;
  if (url.error) return <Problem error={url.error} onRetry={() => void url.refetch()} />;
  return (
    <div className={styles.group}>
      <p className={styles.label}>{words.title}</p>
      <div className={styles.urlBox}>
        {!asked && (
          <>
            <code className={styles.url}>{"•".repeat(32)}</code>
            <Button onPress={() => setAsked(true)}>{words.show}</Button>
          </>
        )}
        {asked && url.isPending && <Skeleton lines={1} />}
        {url.data?.url && (
          <>
            <code className={styles.url}>{url.data.url}</code>
            <Copy text={url.data.url}>{integrations.copyUrl}</Copy>
          </>
        )}
      </div>
      {url.data?.previous_until && (
        <Banner tone="wait">
          {words.previous} <Time at={url.data.previous_until} />
        </Banner>
      )}
    </div>
  );
}
