import { useSession } from "../api/context.tsx";
import { plainText } from "../lib/foreign.ts";
import { zoneName } from "../lib/time.ts";
import { Icon } from "../ui/Icon.tsx";
import { useLanguage, useZones } from "../ui/zone.tsx";
import { useWords } from "../words/index.ts";
import { lazyOverlay } from "./lazyOverlay.tsx";
import { MenuButton } from "./MenuButton.tsx";
import styles from "./UserMenu.module.css";

const UserMenuList = lazyOverlay(async () => (await import("./UserMenuList.tsx")).UserMenuList);

/** The reader, with the menu of what is theirs. */
export function UserMenu() {
  const w = useWords().common.user;
  const state = useSession();
  const zones = useZones();
  const zone = zoneName(zones.shown, useLanguage());
  const session = state.is === "in" || state.is === "ended" ? state.session : null;
  const who = plainText(
    session?.person?.name ?? session?.person?.email ?? w.key(session?.key?.name ?? ""),
  );
  const initial = [...who][0]?.toUpperCase() ?? "";
  return (
    // What is seen is part of the name, so that it can be said to a voice control.
    <MenuButton
      className={styles.button}
      label={`${zone} ${initial}, ${w.menu}`}
      menu={(open) => <UserMenuList {...open} who={who} />}
    >
      <span className={styles.zone}>{zone}</span> <span className={styles.face}>{initial}</span>
      <Icon name="down" />
    </MenuButton>
  );
}
