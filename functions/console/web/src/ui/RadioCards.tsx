import type { ReactNode } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { cx } from "./cx.ts";
import styles from "./RadioCards.module.css";

export type Card<Id extends string> = { id: Id; name: string; about?: ReactNode };

/** One of a few choices, each with a line that says what it means. */
export function RadioCards<Id extends string>(props: {
  label: string;
  cards: readonly Card<Id>[];
  value: Id;
  onChange: (id: Id) => void;
  /** Beside each other where there is room. */
  wide?: boolean;
}) {
  return (
    <RadioGroup
      value={props.value}
      onChange={(value) => {
        const card = props.cards.find(({ id }) => id === value);
        if (card) props.onChange(card.id);
      }}
      className={cx(styles.group)}
    >
      <Label className={cx(styles.label)}>{props.label}</Label>
      <div className={cx(styles.cards, props.wide && styles.wide)}>
        {props.cards.map((card) => (
          <Radio key={card.id} value={card.id} className={cx(styles.card)}>
            <span className={styles.dot} />
            <span className={styles.text}>
              <span className={styles.name}>{card.name}</span>
              {card.about && <span className={styles.about}>{card.about}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
