/** The addresses and networks of a text, one a line or separated by commas. */
export function readAddresses(text: string): string[] {
  return text.split(/[\s,]+/).filter((ip) => ip !== "");
}
