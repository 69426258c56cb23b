import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useClient, useIdempotencyKey, useMay, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";
import { refusedQuery } from "./refused.ts";
import type { Integration } from "./useChange.ts";

type Test = ReturnType<typeof useTest>;

/** Sends the application's sample to the integration as its sender would; the run changes nothing. */
export function useTest({ id }: Pick<Integration, "id">) {
  const client = useClient();
  const cache = useQueryClient();
  const { key, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: () =>
      client.post("/v1/integrations/{integration}/test", {
        path: { integration: id },
        idempotencyKey: key,
      }),
    onSuccess: () => {
      renew();
      void cache.invalidateQueries({ queryKey: [client.workspace, "arrivals", id] });
      void cache.invalidateQueries({ queryKey: refusedQuery(client, id).queryKey });
    },
  });
}

export function TestButton({ test }: { test: Test }) {
  const { common, integrations } = useWords();
  const may = useMay("operator");
  return (
    <Button
      icon="play"
      busy={test.isPending}
      reason={may ? undefined : common.needs.operator}
      onPress={() => test.mutate()}
    >
      {integrations.url.test.send}
    </Button>
  );
}

/** The answer that a sender would have got: the webhook, or the reason of the refusal with its remedy. */
export function TestAnswer(props: { test: Test; integration: Pick<Integration, "origin"> }) {
  const { codes, integrations } = useWords();
  const words = integrations.url.test;
  const ws = useWorkspace().id;
  const { data, error } = props.test;
  if (error) return <Problem error={error} />;
  if (!data) return null;
  if (data.refused) {
    return (
      <Banner tone="bad" alert>
        <p>
          <strong>{words.refused(data.status)}</strong> <Foreign text={data.refused.message} />
        </p>
        <p>
          {codes[data.refused.code].next} <code>{data.refused.code}</code>
        </p>
      </Banner>
    );
  }
  return (
    <Banner tone="ok" alert>
      {words.accepted(data.status)}{" "}
      {data.webhook && (
        <Link href={paths.webhook(ws, props.integration.origin, data.webhook)}>{words.open}</Link>
      )}
    </Banner>
  );
}

/** The button with what it does, and the answer below it. */
export function SendTest({ integration }: { integration: Integration }) {
  const words = useWords().integrations.url.test;
  const test = useTest(integration);
  return (
    <div className={styles.group}>
      <p className={styles.label}>{words.label}</p>
      <p className={styles.hint}>{words.hint}</p>
      <div>
        <TestButton test={test} />
      </div>
      <TestAnswer test={test} integration={integration} />
    </div>
  );
}
