import { useState } from "react";
import { isProblem } from "../api/problem.ts";
import { PartGone } from "../lib/loadPart.ts";
import { problemDetails, problemText } from "../lib/problemText.ts";
import { copyText } from "../ui/clipboard.ts";
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
  const words = useWords();
  const w = words.common.problem;
  const [copied, setCopied] = useState(false);
  if (isProblem(error) && error.status === 404) return <NotFound />;
  const gone = error instanceof PartGone;
  const unanswered = isProblem(error) && error.origin === "network";
  const title = gone ? w.updated : unanswered ? w.unreachable : w.unexpected;
  const copy = async () => setCopied(await copyText(problemDetails(error)));
  return (
    <Message title={title} text={problemText(error, words)} alert>
      <NativeButton kind="primary" onPress={gone ? () => location.reload() : reset}>
        {gone ? w.reload : w.retry}
      </NativeButton>
      <NativeButton onPress={() => void copy()}>
        {copied ? words.parts.copied : w.copyDetails}
      </NativeButton>
    </Message>
  );
}
