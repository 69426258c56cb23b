import { useWords } from "../words/index.ts";
import { Message } from "./Message.tsx";
import type { Crumb } from "./page.ts";

/** Nothing is at this address. `list` is the screen on which it would be found. */
export function NotFound({ list }: { list?: Crumb }) {
  const w = useWords().common.problem;
  return <Message title={w.notFound} text={w.notFoundHint} above={list} home={!list} />;
}
