import { useQuery } from "@tanstack/react-query";
import type { useOrigins } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { idsOf, inboundQuery, type WebhookStep } from "../../api/home.ts";
import { paths } from "../../lib/paths.ts";
import { countText, minuteText } from "../../lib/time.ts";
import { useLastOrigin } from "../../shell/useNav.ts";
import { Bars } from "../../ui/Chart.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { after, Card } from "./Card.tsx";
import { type Figure, Figures } from "./Figures.tsx";

const HOUR = 3_600_000;

/** The webhooks of the last 24 hours, in numbers and by hour. */
export function Inbound({ origins }: { origins: ReturnType<typeof useOrigins> }) {
  const words = useWords();
  const w = words.home;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { shown } = useZones();
  const language = useLanguage();
  const origin = useLastOrigin();
  const query = useQuery({
    ...inboundQuery(client, idsOf(origins.data)),
    enabled: origins.isSuccess,
  });
  const to = (search: Record<string, string>) =>
    origin === null ? paths.origins(ws) : paths.history(ws, origin, search);
  const figures = (steps: readonly WebhookStep[]): Figure[] => {
    const sum = (of: "success" | "error" | "pending") =>
      steps.reduce((all, step) => all + step[of], 0);
    const [success, error, pending] = [sum("success"), sum("error"), sum("pending")];
    const n = (value: number) => countText(value, language);
    const of = (status: string) => to({ from: "-24h", status });
    return [
      { label: w.received, value: n(success + error + pending), href: to({ from: "-24h" }) },
      { label: words.parts.inbound.success, value: n(success), tone: "ok", href: of("success") },
      { label: words.parts.inbound.error, value: n(error), tone: "bad", href: of("error") },
      { label: words.parts.inbound.pending, value: n(pending), tone: "wait", href: of("pending") },
    ];
  };
  const bars = (steps: readonly WebhookStep[]) =>
    steps.map((step) => ({
      id: step.at,
      label: minuteText(step.at, shown, language),
      href: to({ from: step.at, to: new Date(Date.parse(step.at) + HOUR - 1).toISOString() }),
      parts: (["success", "pending", "error"] as const).map((status) => ({
        tone: ({ success: "ok", pending: "wait", error: "bad" } as const)[status],
        value: step[status],
        name: words.parts.inbound[status],
        text: countText(step[status], language),
      })),
    }));
  const { success, pending, error } = words.parts.inbound;
  return (
    <Card title={w.inbound} query={after(origins, query)} lines={6}>
      {(steps) => (
        <>
          <Figures figures={figures(steps)} />
          <Bars title={w.byHour} bars={bars(steps)} names={[success, pending, error]} />
        </>
      )}
    </Card>
  );
}
