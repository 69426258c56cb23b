import { useWorkspace } from "../api/context.tsx";
import { Anchor } from "../ui/Anchor.tsx";
import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";
import { NativeIconButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import type { NavItem } from "./nav.ts";
import styles from "./Sidebar.module.css";
import { useBadges } from "./useBadges.ts";
import type { Nav } from "./useNav.ts";
import { WorkspaceMenu } from "./WorkspaceMenu.tsx";

interface Props {
  nav: Nav;
  folded?: boolean;
  onFold?: () => void;
}

export function Sidebar({ nav, folded = false, onFold }: Props) {
  const w = useWords().common.nav;
  const { name } = useWorkspace();
  const badges = useBadges();
  const item = (one: NavItem) => {
    const badge = badges[one.key];
    const label = badge ? `${w[one.key]}, ${badge.label}` : w[one.key];
    return (
      <li key={one.key}>
        <Anchor
          href={nav.href(one)}
          className={styles.item}
          {...(folded || badge ? { "aria-label": label } : {})}
          aria-current={nav.current === one.key ? "page" : false}
        >
          <Icon name={one.icon} />
          {!folded && <span className={styles.name}>{w[one.key]}</span>}
          {badge && (
            <span className={styles.badge} aria-hidden="true">
              {badge.text}
            </span>
          )}
        </Anchor>
      </li>
    );
  };
  return (
    <nav className={cx(styles.bar, folded && styles.folded)} aria-label={w.main}>
      <WorkspaceMenu name={name} folded={folded} />
      <div className={styles.groups}>
        {nav.groups.map((group) => (
          <div key={group.items[0]?.key} className={styles.group}>
            {group.title && !folded && <p className={styles.title}>{w[group.title]}</p>}
            <ul>{group.items.map(item)}</ul>
          </div>
        ))}
      </div>
      <div className={styles.bottom}>
        {nav.bottom.length > 0 && <ul>{nav.bottom.map(item)}</ul>}
        {onFold && (
          <NativeIconButton
            icon={folded ? "right" : "left"}
            label={folded ? w.unfold : w.fold}
            onPress={onFold}
          />
        )}
      </div>
    </nav>
  );
}
