import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  type Selection,
} from "react-aria-components";
import { useSession } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";
import { changePreferences, usePreferences } from "../lib/preferences.ts";
import { zoneName } from "../lib/time.ts";
import { Icon } from "../ui/Icon.tsx";
import { useLanguage, useZones } from "../ui/zone.tsx";
import { useWords } from "../words/index.ts";
import menu from "./Menu.module.css";
import { signOut } from "./signOut.ts";
import styles from "./UserMenu.module.css";

interface Choice<T extends string> {
  title: string;
  value: T;
  options: readonly (readonly [T, string])[];
  choose: (value: T) => void;
}

/** The reader: language, theme and zone at hand, the rest in C-40. */
export function UserMenu() {
  const w = useWords().common.user;
  const state = useSession();
  const chosen = usePreferences();
  const zones = useZones();
  const language = useLanguage();
  const session = state.is === "in" || state.is === "ended" ? state.session : null;
  const who = session?.person?.name ?? session?.person?.email ?? w.key(session?.key?.name ?? "");
  const zone = zoneName(zones.shown, language);
  const initial = [...who][0]?.toUpperCase() ?? "";
  return (
    <MenuTrigger>
      {/* What is seen is part of the name, so that it can be said to a voice control. */}
      <Button className={styles.button ?? ""} aria-label={`${zone} ${initial}, ${w.menu}`}>
        <span className={styles.zone}>{zone}</span> <span className={styles.face}>{initial}</span>
        <Icon name="down" />
      </Button>
      <Popover className={menu.popover ?? ""} placement="bottom end">
        <Menu className={menu.menu ?? ""} aria-label={w.menu}>
          <MenuSection className={menu.section ?? ""}>
            <Header className={menu.header ?? ""}>
              <bdi>{who}</bdi>
            </Header>
            <MenuItem className={menu.item ?? ""} href={paths.me}>
              {w.me}
            </MenuItem>
          </MenuSection>
          {choices({
            title: w.language,
            value: chosen.language,
            options: [
              ["pt", "Português"],
              ["en", "English"],
            ] as const,
            choose: (value) => changePreferences({ language: value }),
          })}
          {choices({
            title: w.theme,
            value: chosen.theme,
            options: [
              ["light", w.light],
              ["dark", w.dark],
              ["system", w.system],
            ] as const,
            choose: (value) => changePreferences({ theme: value }),
          })}
          {choices({
            title: w.zone,
            value: chosen.zone,
            options: [
              ["workspace", w.zoneWorkspace(zoneName(zones.workspace, language))],
              ["browser", w.zoneBrowser(zoneName(zones.browser, language))],
              ["utc", w.zoneUtc],
            ] as const,
            choose: (value) => changePreferences({ zone: value }),
          })}
          <MenuSection className={menu.section ?? ""}>
            <MenuItem className={menu.item ?? ""} onAction={() => void signOut()}>
              {w.signOut}
            </MenuItem>
          </MenuSection>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function choices<T extends string>({ title, value, options, choose }: Choice<T>) {
  const onSelectionChange = (keys: Selection) => {
    if (keys === "all") return;
    const found = options.find(([key]) => keys.has(key));
    if (found) choose(found[0]);
  };
  return (
    <MenuSection
      className={menu.section ?? ""}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={onSelectionChange}
    >
      <Header className={menu.header ?? ""}>{title}</Header>
      {options.map(([key, label]) => (
        <MenuItem key={key} id={key} className={menu.item ?? ""}>
          {label}
        </MenuItem>
      ))}
    </MenuSection>
  );
}
