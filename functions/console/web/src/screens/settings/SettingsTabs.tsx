import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Link } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Settings.module.css";

const PAGES = ["general", "recipients"] as const;
export type SettingsPage = (typeof PAGES)[number];

/** The pages of the settings; each is an address of its own. */
export function SettingsTabs({ current }: { current: SettingsPage }) {
  const { pages, title } = useWords().settings;
  const { id: ws } = useWorkspace();
  return (
    <nav className={styles.nav} aria-label={title}>
      {PAGES.map((page) => (
        <Link key={page} href={paths.settings(ws, page)} current={page === current}>
          {pages[page]}
        </Link>
      ))}
    </nav>
  );
}
