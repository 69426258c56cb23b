import { useWords } from "../words/index.ts";
import { Message } from "./Message.tsx";

export function NotFound() {
  const w = useWords().common.problem;
  return <Message title={w.notFound} text={w.notFoundHint} home />;
}
