/** A term of `found_by`, such as `email:ana@example.com`, in its two parts. */
export function finderOf(term: string): { kind: "key" | "email" | "phone"; text: string } {
  const at = term.indexOf(":");
  const kind = term.slice(0, at);
  const text = term.slice(at + 1);
  if (kind === "email" || kind === "phone" || kind === "key") return { kind, text };
  return { kind: "key", text: term };
}
