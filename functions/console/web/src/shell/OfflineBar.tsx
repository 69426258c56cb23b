import { useEffect, useState } from "react";
import { askAgain, askOverdue, retryAt } from "../api/connection.ts";
import { useStore } from "../lib/store.ts";
import { NativeButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import styles from "./Bars.module.css";

/** Says that reads get no answer, and when they are repeated. What was read before stays below. */
export function OfflineBar() {
  const at = useStore(retryAt);
  const now = useNow(at !== null);
  const w = useWords().common.problem;
  useEffect(() => {
    if (at !== null && at <= now) askOverdue(now);
  }, [at, now]);
  if (at === null) return null;
  const seconds = Math.ceil((at - now) / 1000);
  return (
    <div className={styles.bar}>
      {/* Readers hear it once, not every second. */}
      <span role="status" className="visually-hidden">
        {w.offlineNow}
      </span>
      <span aria-hidden="true">{seconds > 0 ? w.offline(seconds) : w.offlineNow}</span>
      <NativeButton small onPress={() => void askAgain()}>
        {w.retryNow}
      </NativeButton>
    </div>
  );
}

function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
