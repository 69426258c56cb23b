import { useEffect, useState } from "react";
import { Icon } from "../ui/Icon.tsx";
import { useWords } from "../words/index.ts";
import { lazyOverlay } from "./lazyOverlay.tsx";
import styles from "./Palette.module.css";
import type { Nav } from "./useNav.ts";

const Palette = lazyOverlay(async () => (await import("./Palette.tsx")).Palette);

/** The button of the palette, which Ctrl K (or ⌘ K) opens too. It is loaded when it is first opened. */
export function PaletteButton({ nav }: { nav: Nav }) {
  const { palette: w } = useWords();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey)
        return;
      if (event.shiftKey) return;
      event.preventDefault();
      setOpen(true);
    };
    // Capturing, because some controls keep the keys that they do not use, too.
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, []);
  return (
    <>
      <button type="button" className={styles.button} onClick={() => setOpen(true)}>
        <Icon name="search" />
        <span className={styles.words}>{w.open}</span>
        <kbd className={styles.key}>Ctrl K</kbd>
      </button>
      {isOpen && <Palette nav={nav} onClose={() => setOpen(false)} />}
    </>
  );
}
