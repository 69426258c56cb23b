import { type Condition, type Op, valueText } from "../../lib/condition.ts";

/** The words of a condition. */
export interface ConditionWords {
  readonly ops: Readonly<Record<Op, string>>;
  readonly and: string;
  readonly or: string;
}

/** A condition as a sentence: `value é maior que 10 e (status é igual a won ou type existe)`. */
export function conditionText(condition: Condition, words: ConditionWords): string {
  const { is } = condition;
  if (is !== undefined) {
    const value = is.op === "exists" ? "" : ` ${valueText(is.value)}`;
    return `${is.path} ${words.ops[is.op]}${value}`;
  }
  const isAny = condition.any !== undefined;
  return (condition.any ?? condition.all ?? [])
    .map((one) => {
      const text = conditionText(one, words);
      return one.is === undefined ? `(${text})` : text;
    })
    .join(isAny ? ` ${words.or} ` : ` ${words.and} `);
}
