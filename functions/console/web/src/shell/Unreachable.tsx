import { session } from "../api/context.tsx";
import type { ApiProblem } from "../api/problem.ts";
import { NativeButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import { Message } from "./Message.tsx";

/** The console itself gave no answer, so that it is not known who is signed in. */
export function Unreachable({ problem }: { problem: ApiProblem }) {
  const w = useWords().common.problem;
  return (
    <Message title={w.unreachable} text={problem.detail}>
      <NativeButton onPress={() => void session.load()}>{w.retry}</NativeButton>
    </Message>
  );
}
