import { useQuery } from "@tanstack/react-query";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { type DeliveryStep, outboundQuery } from "../../api/home.ts";
import type { components } from "../../api/schema.d.ts";
import { paths } from "../../lib/paths.ts";
import { countText, minuteText, percentText } from "../../lib/time.ts";
import { Bars } from "../../ui/Chart.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { Card } from "./Card.tsx";
import { type Figure, Figures } from "./Figures.tsx";

const HOUR = 3_600_000;
type Totals = components["schemas"]["DeliveryTotals"];

/** The deliveries of the last 24 hours, in the numbers of the tabs and by hour. */
export function Outbound() {
  const words = useWords();
  const w = words.home;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { shown } = useZones();
  const language = useLanguage();
  const query = useQuery(outboundQuery(client));
  const n = (value: number) => countText(value, language);
  const to = (search: Record<string, string>) => paths.deliveries(ws, search);
  const tab = (name: string) => to({ from: "-24h", tab: name });
  const share = (percent: number | null) =>
    percent === null ? undefined : percentText(percent, language);
  const figures = (t: Totals): Figure[] => [
    {
      label: w.withError,
      value: n(t.with_error.count),
      share: share(t.with_error.percent),
      tone: "bad",
      href: tab("error"),
    },
    { label: w.inProcess, value: n(t.in_process.count), tone: "wait", href: tab("process") },
    {
      label: w.succeeded,
      value: n(t.succeeded.count),
      share: share(t.succeeded.percent),
      tone: "ok",
      href: tab("success"),
    },
    { label: w.held, value: n(t.held.count), tone: "wait", href: tab("held") },
  ];
  const names = [w.succeeded, w.inProcess, w.withError];
  const bars = (steps: readonly DeliveryStep[]) =>
    steps.map((step) => {
      const waits = step.queued + step.held;
      const wrong = step.failure + step.retrying;
      return {
        id: step.at,
        label: minuteText(step.at, shown, language),
        href: to({ from: step.at, to: new Date(Date.parse(step.at) + HOUR - 1).toISOString() }),
        parts: [
          { tone: "ok" as const, value: step.success, name: w.succeeded, text: n(step.success) },
          { tone: "wait" as const, value: waits, name: w.inProcess, text: n(waits) },
          { tone: "bad" as const, value: wrong, name: w.withError, text: n(wrong) },
        ],
      };
    });
  return (
    <Card title={w.outbound} query={query} lines={6}>
      {({ totals, steps }) => (
        <>
          <Figures figures={figures(totals)} />
          <Bars title={w.byHour} bars={bars(steps)} names={names} />
        </>
      )}
    </Card>
  );
}
