import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useEndpoints, useIntegrations, useRules } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useWorkspace } from "../../api/context.tsx";
import { type DeliveryState, deliveryParameters } from "../../api/deliveries.ts";
import { problemText } from "../../lib/problemText.ts";
import { minuteText } from "../../lib/time.ts";
import { follow } from "../../shell/jobs.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { periodText } from "../../ui/Period.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useStatusWord } from "../../ui/StatusMark.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Deliveries.module.css";
import { type DeliverySearch, filterOf } from "./search.ts";

const OFFERED: readonly DeliveryState[] = ["failure", "discarded", "success"];
const PRESET: readonly DeliveryState[] = ["failure", "discarded"];

/** Resends what a filter matches, after the server counted it. The filter is frozen at the count. */
export function ResendDialog(props: {
  search: DeliverySearch;
  onClose: () => void;
  onStarted: () => void;
}) {
  const words = useWords();
  const texts = words.deliveries.bulk;
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const { key } = useIdempotencyKey();
  const word = useStatusWord();
  const [state, setState] = useState<DeliveryState[]>(() => statesOf(props.search));
  const [now] = useState(Date.now);
  // What comes after the count is not part of the reader's choice.
  const frozen = {
    ...deliveryParameters({ ...filterOf(props.search), state }, now, zone),
    to: props.search.to ?? new Date(now).toISOString(),
  };
  const count = useQuery({
    queryKey: [client.workspace, "resend-count", frozen],
    enabled: state.length > 0,
    queryFn: async ({ signal }) => {
      const body = { filter: frozen, dry_run: true };
      const answer = await client.post("/v1/deliveries/resend", { body, signal });
      return "count" in answer ? answer.count : 0;
    },
  });
  const start = useMutation({
    mutationFn: () =>
      client.post("/v1/deliveries/resend", { body: { filter: frozen }, idempotencyKey: key }),
    onSuccess: (answer) => {
      if ("id" in answer) follow(client, answer);
      props.onStarted();
      props.onClose();
    },
  });
  const known = count.data ?? 0;
  const error = start.error ?? count.error;
  const reason =
    state.length === 0
      ? texts.chooseState
      : count.data === undefined
        ? texts.counting
        : known === 0
          ? texts.none
          : undefined;
  return (
    <Confirm
      title={texts.title}
      action={texts.action(known)}
      reason={reason}
      busy={start.isPending}
      onConfirm={() => start.mutate()}
      onClose={props.onClose}
    >
      {error !== null && (
        <Banner tone="bad" alert>
          {problemText(error, words)}
        </Banner>
      )}
      <FilterInWords search={props.search} now={now} />
      <fieldset className={styles.states} aria-label={texts.states}>
        {OFFERED.map((one) => (
          <Button
            key={one}
            small
            pressed={state.includes(one)}
            icon={state.includes(one) ? "check" : "plus"}
            onPress={() =>
              setState(state.includes(one) ? state.filter((s) => s !== one) : [...state, one])
            }
          >
            {word({ of: "delivery", status: one })}
          </Button>
        ))}
      </fieldset>
      <output className={styles.big}>
        {state.length === 0
          ? texts.chooseState
          : count.data === undefined
            ? texts.counting
            : known === 0
              ? texts.none
              : texts.count(known)}
      </output>
      <ul className={styles.hints}>
        <li>{texts.newOnes}</li>
        <li>{texts.suspended}</li>
        <li>{texts.disabled}</li>
        <li>{texts.atMost}</li>
      </ul>
    </Confirm>
  );
}

/** The states that make sense to be sent again, as far as the list shows them. */
function statesOf(search: DeliverySearch): DeliveryState[] {
  if (search.tab === "all" && search.state.length === 0) return [...PRESET];
  const shown = filterOf(search).state.filter((state) => OFFERED.includes(state));
  return shown.length > 0 ? shown : [...PRESET];
}

function FilterInWords({ search, now }: { search: DeliverySearch; now: number }) {
  const words = useWords();
  const texts = words.deliveries;
  const zones = useZones();
  const language = useLanguage();
  const named = (items: { id: string; name: string }[] | undefined, ids: readonly string[]) =>
    ids.map((id) => items?.find((item) => item.id === id)?.name ?? id).join(", ");
  const rule = named(useRules().data, search.rule);
  const endpoint = named(useEndpoints().data, search.endpoint);
  const integration = named(useIntegrations().data, search.integration);
  const bounds = { ...(search.from && { from: search.from }), ...(search.to && { to: search.to }) };
  const period =
    periodText(bounds, words, zones.workspace, language, now) ??
    texts.bulk.upTo(minuteText(new Date(now).toISOString(), zones.workspace, language));
  const said = [
    `${words.parts.period.label}: ${period}`,
    ...(search.subject ? [`${texts.columns.subject}: ${search.subject}`] : []),
    ...(rule ? [`${texts.filters.rule}: ${rule}`] : []),
    ...(endpoint ? [`${texts.filters.endpoint}: ${endpoint}`] : []),
    ...(integration ? [`${texts.filters.integration}: ${integration}`] : []),
  ];
  return (
    <p className={styles.chips}>
      {said.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </p>
  );
}
