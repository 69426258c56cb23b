import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { payloadQuery, type WebhookDetail } from "../../api/history.ts";
import { isProblem } from "../../api/problem.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { download } from "../../ui/clipboard.ts";
import { Empty } from "../../ui/Empty.tsx";
import { lazyPart } from "../../ui/lazyPart.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Webhook.module.css";

const loadJson = () => import("../../ui/Json/Json.tsx");
const Json = lazyPart(async () => (await loadJson()).Json, {
  waiting: <Skeleton lines={8} />,
});

type View = "json" | "raw";

interface Props {
  origin: string;
  webhook: WebhookDetail;
  node: string | undefined;
}

/** The stored body: as the tree that mappings read, or the very bytes. */
export function Payload({ origin, webhook, node }: Props) {
  const w = useWords().history.webhook;
  const { codes } = useWords();
  const client = useClient();
  const [wanted, setView] = useState<View>("json");
  const place = { origin, webhook: webhook.id };
  const { size } = webhook.payload;
  // The viewer and its worker come beside the bytes, not after them.
  useEffect(() => {
    Json.preload()
      .then(loadJson)
      .then((viewer) => viewer.expectText(size))
      // The place of the viewer tells what failed.
      .catch(() => {});
  }, [size]);
  const tree = useQuery({ ...payloadQuery(client, place, "json"), enabled: wanted === "json" });
  // A body that is no tree is shown as it came, with the reason.
  const refusal = isProblem(tree.error) && tree.error.status === 422 ? tree.error : null;
  const asItCame = refusal !== null || hasNoTree(tree.data?.bytes, webhook.payload.size);
  const view: View = asItCame ? "raw" : wanted;
  const raw = useQuery({ ...payloadQuery(client, place, "raw"), enabled: view === "raw" });
  const { data, error, isPending, refetch } = view === "json" ? tree : raw;
  if (isProblem(error) && error.status === 410) {
    return <Empty icon="warning" title={w.payloadLost} />;
  }
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  const code = webhook.payload.error;
  return (
    <div className={styles.payload}>
      {(refusal || code !== null) && (
        <Banner tone="wait">
          {w.payloadUnreadable} {code === null ? refusal?.detail : codes[code].next}
        </Banner>
      )}
      {isPending && <Skeleton lines={8} />}
      {data && (
        <Viewer
          key={view}
          bytes={data.bytes}
          view={view}
          onView={asItCame ? null : setView}
          origin={origin}
          webhook={webhook}
          node={node}
        />
      )}
    </div>
  );
}

/** Of a body that mappings cannot read, such as a picture, the tree is `null`, which is shorter than the body. */
function hasNoTree(tree: Uint8Array | undefined, size: number): boolean {
  return tree?.length === 4 && size > 4 && new TextDecoder().decode(tree) === "null";
}

interface ViewerProps extends Props {
  bytes: Uint8Array<ArrayBuffer>;
  view: View;
  onView: ((view: View) => void) | null;
}

function Viewer({ bytes, view, onView, origin, webhook, node }: ViewerProps) {
  const w = useWords().history.webhook;
  const { id: ws } = useWorkspace();
  const text = useMemo(() => new TextDecoder().decode(bytes), [bytes]);
  if (bytes.length === 0) return <Empty icon="info" title={w.payloadEmpty} />;
  const linkTo = (path: string) => {
    const href = paths.webhook(ws, origin, webhook.id, { tab: "payload", node: path });
    return new URL(href, window.location.href).href;
  };
  return (
    <div className={styles.json}>
      <Json
        text={text}
        bytes={view === "raw" ? bytes : undefined}
        label={w.tabs.payload}
        node={view === "json" ? node : undefined}
        linkTo={linkTo}
      >
        {onView && (
          <fieldset className={styles.views} aria-label={w.payloadView}>
            <Button small kind="quiet" pressed={view === "json"} onPress={() => onView("json")}>
              {w.payloadJson}
            </Button>
            <Button small kind="quiet" pressed={view === "raw"} onPress={() => onView("raw")}>
              {w.payloadOriginal}
            </Button>
          </fieldset>
        )}
        <Button
          small
          kind="quiet"
          icon="download"
          onPress={() => download(fileOf(webhook.id, view), typeOf(view), [bytes])}
        >
          {w.download}
        </Button>
      </Json>
    </div>
  );
}

const fileOf = (id: string, view: View) => `${id}.${view === "json" ? "json" : "bin"}`;
const typeOf = (view: View) => (view === "json" ? "application/json" : "application/octet-stream");
