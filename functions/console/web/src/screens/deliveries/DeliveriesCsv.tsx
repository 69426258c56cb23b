import { useRef, useState } from "react";
import { addressOf } from "../../api/client.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { type DeliveryFilter, deliveryParameters } from "../../api/deliveries.ts";
import { collectCsv, csvName } from "../../lib/csv.ts";
import { Button } from "../../ui/Button.tsx";
import { download } from "../../ui/clipboard.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { problemText } from "../../ui/Problem.tsx";
import { amend, say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

const ASKS_ABOVE = 100_000;

/** Saves everything that the filter matches, page after page; half a file is never saved. */
export function DeliveriesCsv(props: { filter: DeliveryFilter; count: number | undefined }) {
  const { filter, count = 0 } = props;
  const words = useWords();
  const texts = words.deliveries.csv;
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
    const action = { label: words.common.cancel, run: () => abort.abort() };
    const toast = say({ text: texts.progress(0, count), stays: true, action });
    const query = { ...deliveryParameters(filter, Date.now(), zone), format: "csv" };
    let rows = 0;
    try {
      const parts = await collectCsv(
        async (cursor) => {
          const path = addressOf("/v1/deliveries", {}, { ...query, cursor });
          const answer = await client.raw(path, abort.signal);
          return { text: await answer.text(), next: answer.headers.get("x-next-cursor") };
        },
        (progress) => {
          rows = progress.rows;
          amend(toast, { text: texts.progress(rows, count), stays: true, action });
        },
      );
      const file = csvName(texts.file, filter.from ?? texts.start, filter.to ?? texts.now);
      download(file, "text/csv", parts);
      amend(toast, { text: texts.done(rows), tone: "ok" });
    } catch (error) {
      const { aborted } = abort.signal;
      const text = aborted ? texts.cancelled : `${texts.failed}. ${problemText(error, words)}`;
      amend(toast, { text, tone: aborted ? "plain" : "bad" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button
        icon="download"
        busy={busy}
        onPress={() => (count > ASKS_ABOVE ? setAsks(true) : void run())}
      >
        {texts.button}
      </Button>
      {asks && (
        <Confirm
          title={texts.title}
          action={texts.confirm(count)}
          onConfirm={() => void run()}
          onClose={() => setAsks(false)}
        >
          <p>{texts.large(count)}</p>
        </Confirm>
      )}
    </>
  );
}
