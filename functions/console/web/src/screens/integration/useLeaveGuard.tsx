import { type ReactNode, useCallback } from "react";
import { useBlocker } from "../../lib/router/hooks.ts";
import type { Place } from "../../lib/router/router.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { useWords } from "../../words/index.ts";

/**
 * Asks before a screen with changes is left. Another tab or parameter of the same screen does not leave it, nor does
 * a reload: the draft stays in the tab.
 */
export function useLeaveGuard(isChanged: boolean): ReactNode {
  const { mapping } = useWords();
  const leaves = useCallback(
    (from: Place, to: Place) => isChanged && from.pathname !== to.pathname,
    [isChanged],
  );
  const blocked = useBlocker(leaves);
  if (!blocked) return null;
  return (
    <Confirm
      title={mapping.save.leave}
      action={mapping.save.leaveGo}
      onConfirm={blocked.proceed}
      onClose={blocked.reset}
    >
      <p>{mapping.save.leaveText}</p>
    </Confirm>
  );
}
