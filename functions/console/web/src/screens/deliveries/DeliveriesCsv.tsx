import { addressOf } from "../../api/client.ts";
import { useWorkspace } from "../../api/context.tsx";
import { type DeliveryFilter, deliveryParameters } from "../../api/deliveries.ts";
import { csvName } from "../../lib/csv.ts";
import { CsvButton } from "../../ui/CsvButton.tsx";
import { useWords } from "../../words/index.ts";

/** Saves the deliveries that the filter matches. */
export function DeliveriesCsv(props: { filter: DeliveryFilter; count: number | undefined }) {
  const { filter, count = 0 } = props;
  const texts = useWords().deliveries.csv;
  const { time_zone: zone } = useWorkspace();
  const begin = () => {
    const query = { ...deliveryParameters(filter, Date.now(), zone), format: "csv" };
    return (cursor: string | null) => addressOf("/v1/deliveries", {}, { ...query, cursor });
  };
  const file = csvName(texts.file, filter.from ?? texts.start, filter.to ?? texts.now);
  return <CsvButton texts={texts} count={count} begin={begin} file={file} />;
}
