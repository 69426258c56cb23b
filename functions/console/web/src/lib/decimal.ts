import type { Language } from "./time.ts";

/**
 * Groups the digits of a decimal text: `1234567.89` is `1.234.567,89` in Portuguese. The text never becomes a
 * float, so that every digit that the API gave is shown. A text that is no plain decimal is returned as it is.
 */
export function decimalText(text: string, language: Language): string {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = "", whole = "", fraction] = match;
  const [group, point] = language === "pt" ? [".", ","] : [",", "."];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return fraction === undefined ? sign + grouped : `${sign}${grouped}${point}${fraction}`;
}
