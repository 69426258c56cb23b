import { useState } from "react";
import { useClient } from "../api/context.tsx";
import { collectCsv } from "../lib/csv.ts";
import { problemText } from "../lib/problemText.ts";
import { useWords, type Words } from "../words/index.ts";
import { Button } from "./Button.tsx";
import { download } from "./clipboard.ts";
import { Confirm } from "./Dialog.tsx";
import { amend, say } from "./toasts.ts";

const ASKS_ABOVE = 100_000;

interface Props {
  texts: Words["history"]["csv"];
  /** The rows that the filter matches. */
  count: number;
  /** Begins an export: the result is the address of the page after a cursor. */
  begin: () => (cursor: string | null) => string;
  /** The name of the file. */
  file: string;
}

/** Saves everything that a filter matches, page after page; half a file is never saved. */
export function CsvButton({ texts, count, begin, file }: Props) {
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const save = useSave(texts);
  const run = async () => {
    setAsks(false);
    setBusy(true);
    await save(begin(), count, file);
    setBusy(false);
  };
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

/** Reads the pages and saves them as a file; a message tells how far it is, and can stop it. */
function useSave(texts: Props["texts"]) {
  const client = useClient();
  const words = useWords();
  return async (address: (cursor: string | null) => string, count: number, file: string) => {
    const { signal, abort } = stopper();
    const action = { label: words.common.cancel, run: abort };
    const toast = say({ text: texts.progress(0, count), stays: true, action });
    let rows = 0;
    try {
      const parts = await collectCsv(
        async (cursor) => {
          const answer = await client.raw(address(cursor), signal);
          return { text: await answer.text(), next: answer.headers.get("x-next-cursor") };
        },
        (progress) => {
          rows = progress.rows;
          amend(toast, { text: texts.progress(rows, count), stays: true, action });
        },
      );
      download(file, "text/csv", parts);
      amend(toast, { text: texts.done(rows), tone: "ok" });
    } catch (error) {
      const text = signal.aborted
        ? texts.cancelled
        : `${texts.failed}. ${problemText(error, words)}`;
      amend(toast, { text, tone: signal.aborted ? "plain" : "bad" });
    }
  };
}

function stopper() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
