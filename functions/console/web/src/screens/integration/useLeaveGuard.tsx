import { useBlocker } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Confirm } from "../../ui/Dialog.tsx";
import { useWords } from "../../words/index.ts";

/** Asks before a screen with changes is left. Another tab or parameter of the same screen does not leave it. */
export function useLeaveGuard(isChanged: boolean): ReactNode {
  const { mapping } = useWords();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isChanged && current.pathname !== next.pathname,
    // The draft stays in the tab, so that a reload loses nothing.
    enableBeforeUnload: false,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <Confirm
      title={mapping.save.leave}
      action={mapping.save.leaveGo}
      onConfirm={blocker.proceed}
      onClose={blocker.reset}
    >
      <p>{mapping.save.leaveText}</p>
    </Confirm>
  );
}
