import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useEventTypes } from "../../api/configuration.ts";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { problemText } from "../../lib/problemText.ts";
import { bodyOf, pairsOf, standardBody } from "../../lib/ruleBody.ts";
import { Button } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Json } from "../../ui/Json/Json.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { useTypeLabel } from "../rules/typeLabel.ts";
import { bodyOfDraft, type RuleDraft, type RuleValue } from "./draft.ts";
import styles from "./Rule.module.css";

/** The request as it would be, of the example of the first trigger, and of a stored event once the rule is saved. */
export function Preview(props: { draft: RuleDraft; saved: RuleValue | undefined }) {
  const { draft, saved } = props;
  const { rules } = useWords();
  const w = rules.preview;
  const ws = useWorkspace().id;
  const labelOf = useTypeLabel();
  const types = useEventTypes().data ?? [];
  const [type = ""] = draft.types;
  const example = types.find((one) => one.type === type)?.example;
  const standard = example ? standardBody(type, example, ws) : undefined;
  const body = standard && bodyOf(standard, bodyOfDraft(draft));
  return (
    <aside className={styles.preview} aria-label={w.title}>
      <h2>{w.title}</h2>
      {type === "" && <p className={styles.hint}>{w.none}</p>}
      {type !== "" && !body && <p className={styles.hint}>{w.noExample}</p>}
      {body && (
        <>
          <p className={styles.hint}>{w.example(labelOf(type))}</p>
          {draft.method === "GET" && draft.target !== "integration" ? (
            <Parameters pairs={pairsOf(body)} />
          ) : (
            <Body text={JSON.stringify(body, null, 2)} />
          )}
        </>
      )}
      {saved && <Real rule={saved} />}
    </aside>
  );
}

/** Pixels of a row of the viewer, of what is above its rows, and of the highest viewer. */
const VIEWER = { row: 24, head: 56, most: 420 };

function Body({ text }: { text: string }) {
  const { rules } = useWords();
  // A body of three fields is not followed by a box of nothing.
  const height = Math.min(VIEWER.most, VIEWER.head + VIEWER.row * text.split("\n").length);
  return (
    <div style={{ height }}>
      <Json text={text} label={rules.preview.title} />
    </div>
  );
}

function Parameters({ pairs }: { pairs: readonly (readonly [string, string])[] }) {
  const { rules } = useWords();
  return (
    <table className={styles.parameters}>
      <caption>{rules.preview.params}</caption>
      <tbody>
        {pairs.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <code>{plainText(name)}</code>
            </th>
            <td>
              <bdi>{plainText(value)}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The exact requests that the saved rule would make of the newest event of a subject. Nothing is sent. */
function Real({ rule }: { rule: RuleValue }) {
  const words = useWords();
  const w = words.rules.preview;
  const client = useClient();
  const may = useMay("operator");
  const [subject, setSubject] = useState("");
  const preview = useMutation({
    mutationFn: () =>
      client.post("/v1/deliveries/send", {
        body: { subject: subject.trim(), rule: rule.id, preview: true },
      }),
  });
  const requests = preview.data && "requests" in preview.data ? preview.data.requests : [];
  return (
    <form
      className={styles.real}
      onSubmit={(event) => {
        event.preventDefault();
        if (subject.trim() !== "") preview.mutate();
      }}
    >
      <h3>{w.real}</h3>
      <p className={styles.hint}>{w.saved}</p>
      <div className={styles.line}>
        <TextInput
          required
          label={w.subject}
          name="subject"
          maxLength={256}
          value={subject}
          onChange={setSubject}
        />
        <Button
          submit
          busy={preview.isPending}
          reason={may ? undefined : words.common.needs.operator}
        >
          {w.ask}
        </Button>
      </div>
      {preview.error && <Banner tone="wait">{problemText(preview.error, words)}</Banner>}
      {requests.map(({ delivery, request, query }) => (
        <div key={delivery.id} className={styles.request}>
          <code className={styles.url}>
            {request.method} {plainText(request.url ?? "", 400)}
          </code>
          {query ? (
            <Parameters pairs={query.map((one) => [one.name, one.value] as const)} />
          ) : (
            <Body text={request.body ?? ""} />
          )}
        </div>
      ))}
    </form>
  );
}
