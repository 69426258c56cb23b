import { type Patient, suspendedAfter, wholeTime } from "../../lib/patience.ts";
import { durationText } from "../../lib/time.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";

/** Two policies beside each other in numbers, for those who do not see the lines. */
export function Comparison(props: { own: Patient; other: Patient; name: string }) {
  const { tries: words, form } = useWords().endpoints;
  const language = useLanguage();
  const both = [props.own, props.other];
  const time = (ms: number) => durationText(ms, language);
  const rows: [string, (policy: Patient) => string][] = [
    [words.rows.tries, ({ waits }) => String(waits.length + 1)],
    [words.rows.last, (policy) => (policy.waits.length === 0 ? "—" : time(wholeTime(policy)))],
    [words.rows.success, ({ success }) => (success === "only200" ? form.only200 : form.any2xx)],
    [words.rows.order, ({ order }) => (order ? words.inOrder : words.noOrder)],
    [
      words.rows.suspended,
      (policy) => {
        const seconds = suspendedAfter(policy);
        return seconds === null ? words.rows.never : words.rows.after(time(seconds * 1000));
      },
    ],
  ];
  return (
    <table className={styles.comparison}>
      <thead>
        <tr>
          <td />
          <th scope="col">{words.this}</th>
          <th scope="col">{props.name}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, textOf]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {both.map((policy, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the first is the own one, always.
              <td key={at}>{textOf(policy)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
