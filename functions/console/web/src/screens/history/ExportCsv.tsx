import { addressOf } from "../../api/client.ts";
import { useWorkspace } from "../../api/context.tsx";
import { filterParameters, type WebhookFilter } from "../../api/history.ts";
import { csvName } from "../../lib/csv.ts";
import { CsvButton } from "../../ui/CsvButton.tsx";
import { useWords } from "../../words/index.ts";

interface Props {
  origin: string;
  name: string;
  filter: WebhookFilter;
  count: number | undefined;
}

/** Saves the webhooks of an origin that the filter matches. */
export function ExportCsv({ origin, name, filter, count = 0 }: Props) {
  const texts = useWords().history.csv;
  const { time_zone: zone } = useWorkspace();
  const begin = () => {
    const query = { ...filterParameters(filter, Date.now(), zone), format: "csv" };
    return (cursor: string | null) =>
      addressOf("/v1/origins/{origin}/webhooks", { origin }, { ...query, cursor });
  };
  const file = csvName(texts.file, name, filter.from ?? texts.start, filter.to ?? texts.now);
  return <CsvButton texts={texts} count={count} begin={begin} file={file} />;
}
