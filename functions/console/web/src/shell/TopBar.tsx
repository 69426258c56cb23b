import { useStore } from "../lib/store.ts";
import { Anchor } from "../ui/Anchor.tsx";
import { NativeIconButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import { PaletteButton } from "./PaletteButton.tsx";
import { crumbs } from "./page.ts";
import styles from "./TopBar.module.css";
import { UserMenu } from "./UserMenu.tsx";
import type { Nav } from "./useNav.ts";

export function TopBar({ nav, onMenu }: { nav: Nav; onMenu: () => void }) {
  const w = useWords().common;
  const way = useStore(crumbs);
  return (
    <header className={styles.bar}>
      <span className={styles.menu}>
        <NativeIconButton icon="list" label={w.menu} onPress={onMenu} />
      </span>
      <nav className={styles.way} aria-label={w.nav.breadcrumb}>
        <ol>
          {way.map((crumb, index) => (
            <li
              key={`${crumb.href ?? ""} ${crumb.label}`}
              aria-current={index === way.length - 1 ? "page" : undefined}
            >
              {crumb.href ? (
                <Anchor href={crumb.href}>{crumb.label}</Anchor>
              ) : (
                <bdi>{crumb.label}</bdi>
              )}
            </li>
          ))}
        </ol>
      </nav>
      <PaletteButton nav={nav} />
      <UserMenu />
    </header>
  );
}
