/** Formatting for the catalogues of one language. */
export function forms(tag: string) {
  const numbers = new Intl.NumberFormat(tag);
  const percents = new Intl.NumberFormat(tag, {
    style: "percent",
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  });
  const rules = new Intl.PluralRules(tag);
  // CLDR's Portuguese says "0 webhook"; readers expect "0 webhooks", as in English.
  const isOne = (n: number) => n !== 0 && rules.select(n) === "one";
  const lists = new Intl.ListFormat(tag, { type: "conjunction" });
  return {
    number: (n: number) => numbers.format(n),
    /** Of a share between 0 and 1. */
    percent: (share: number) => percents.format(share),
    /** The number with the noun that agrees with it: `1 webhook`, `1.234 webhooks`. */
    count: (n: number, one: string, other: string) =>
      `${numbers.format(n)} ${isOne(n) ? one : other}`,
    /** The form that agrees with a number, without the number. */
    plural: (n: number, one: string, other: string) => (isOne(n) ? one : other),
    list: (items: readonly string[]) => lists.format(items),
  };
}
