import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useEventTypes, useRules } from "../../api/configuration.ts";
import { useClient, useMay } from "../../api/context.tsx";
import { durationText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { errorText } from "../deliveries/words.ts";
import { RequestView } from "../delivery/RequestView.tsx";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";

const FIRST = "first";

/** Sends an example to an endpoint and shows what it answered. */
export function TestTab({ endpoint }: { endpoint: Endpoint }) {
  const client = useClient();
  const words = useWords();
  const texts = words.endpoints.one.test;
  const language = useLanguage();
  const may = useMay("operator");
  const types = useEventTypes().data ?? [];
  const rules = (useRules().data ?? []).filter(
    ({ target }) => "endpoint" in target && target.endpoint === endpoint.id,
  );
  const [type, setType] = useState(FIRST);
  const [rule, setRule] = useState(FIRST);
  const test = useMutation({
    mutationFn: () =>
      client.post("/v1/endpoints/{endpoint}/test", {
        path: { endpoint: endpoint.id },
        body: {
          ...(type === FIRST ? {} : { type }),
          ...(rule === FIRST ? {} : { rule }),
        },
      }),
  });
  const { data } = test;
  const answered = data
    ? data.status === null
      ? errorText(data.error ?? texts.noAnswer, words.deliveries)
      : words.deliveries.detail.attempt.status(data.status)
    : "";
  return (
    <div className={styles.stack}>
      <p className={styles.muted}>{texts.text}</p>
      <div className={styles.grid}>
        <Select
          label={texts.rule}
          name="rule"
          value={rule}
          options={[
            { id: FIRST, label: texts.first },
            ...rules.map(({ id, name }) => ({ id, label: name })),
          ]}
          onChange={setRule}
        />
        <Select
          label={texts.type}
          name="type"
          value={type}
          options={[
            { id: FIRST, label: texts.ruleType },
            ...types.map((one) => ({ id: one.type, label: one.label[language], about: one.type })),
          ]}
          onChange={setType}
        />
      </div>
      <div>
        <Button
          kind="primary"
          icon="play"
          busy={test.isPending}
          reason={may ? undefined : words.common.needs.operator}
          onPress={() => test.mutate()}
        >
          {texts.send}
        </Button>
      </div>
      {test.isError && <Problem error={test.error} />}
      {data && (
        <>
          <Banner tone={data.success ? "ok" : "bad"} alert>
            <strong>{data.success ? texts.ok : texts.failed}</strong>{" "}
            {texts.took(answered, durationText(data.duration_ms, language))}
            {data.excerpt !== "" && (
              <div className={styles.excerpt}>
                <Foreign text={data.excerpt} code block />
              </div>
            )}
          </Banner>
          {data.request && <RequestView request={data.request} />}
        </>
      )}
    </div>
  );
}
