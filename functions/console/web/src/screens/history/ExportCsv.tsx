import { useRef, useState } from "react";
import { addressOf } from "../../api/client.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { filterParameters, type WebhookFilter } from "../../api/history.ts";
import { collectCsv, csvName } from "../../lib/csv.ts";
import { Button } from "../../ui/Button.tsx";
import { download } from "../../ui/clipboard.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { problemText } from "../../ui/Problem.tsx";
import { amend, say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

const ASKS_ABOVE = 100_000;

interface Props {
  origin: string;
  name: string;
  filter: WebhookFilter;
  count: number | undefined;
}

/** Saves everything that the filter matches, page after page; half a file is never saved. */
export function ExportCsv({ origin, name, filter, count }: Props) {
  const words = useWords();
  const w = words.history.csv;
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController>(undefined);

  async function run(): Promise<void> {
    setAsks(false);
    setBusy(true);
    const abort = new AbortController();
    running.current = abort;
    const total = count ?? 0;
    const action = { label: words.common.cancel, run: () => abort.abort() };
    const toast = say({ text: w.progress(0, total), stays: true, action });
    const query = { ...filterParameters(filter, Date.now(), zone), format: "csv" };
    let rows = 0;
    try {
      const parts = await collectCsv(
        async (cursor) => {
          const path = addressOf("/v1/origins/{origin}/webhooks", { origin }, { ...query, cursor });
          const answer = await client.raw(path, abort.signal);
          return { text: await answer.text(), next: answer.headers.get("x-next-cursor") };
        },
        (progress) => {
          rows = progress.rows;
          amend(toast, { text: w.progress(rows, total), stays: true, action });
        },
      );
      const file = csvName(w.file, name, filter.from ?? w.start, filter.to ?? w.now);
      download(file, "text/csv", parts);
      amend(toast, { text: w.done(rows), tone: "ok" });
    } catch (error) {
      const text = abort.signal.aborted ? w.cancelled : `${w.failed}. ${problemText(error, words)}`;
      amend(toast, { text, tone: abort.signal.aborted ? "plain" : "bad" });
    } finally {
      setBusy(false);
    }
  }

  const press = () => ((count ?? 0) > ASKS_ABOVE ? setAsks(true) : void run());
  return (
    <>
      <Button icon="download" busy={busy} onPress={press}>
        {w.button}
      </Button>
      {asks && (
        <Confirm
          title={w.title}
          action={w.confirm(count ?? 0)}
          onConfirm={() => void run()}
          onClose={() => setAsks(false)}
        >
          <p>{w.large(count ?? 0)}</p>
        </Confirm>
      )}
    </>
  );
}
