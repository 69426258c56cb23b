import { useRouter } from "@tanstack/react-router";
import { isProblem } from "../api/problem.ts";
import { Button } from "../ui/Button.tsx";
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
  const router = useRouter();
  if (isProblem(error) && error.status === 404) return <NotFound />;
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Message title={w.unexpected} text={error instanceof Error ? error.message : String(error)}>
      <Button onPress={again}>{w.retry}</Button>
    </Message>
  );
}
