import { isProblem } from "../api/problem.ts";
import { NativeButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import { Message } from "./Message.tsx";
import { NotFound } from "./NotFound.tsx";

interface Props {
  error: unknown;
  reset: () => void;
}

/** The rest of a screen after an error: the bars stay, the screen says what happened and can be tried again. */
export function ScreenFailed({ error, reset }: Props) {
  const w = useWords().common.problem;
  if (isProblem(error) && error.status === 404) return <NotFound />;
  return (
    <Message title={w.unexpected} text={error instanceof Error ? error.message : String(error)}>
      <NativeButton onPress={reset}>{w.retry}</NativeButton>
    </Message>
  );
}
