import { Header, MenuItem, MenuSection, type Selection } from "react-aria-components";
import { paths } from "../lib/paths.ts";
import { changePreferences, usePreferences } from "../lib/preferences.ts";
import { zoneName } from "../lib/time.ts";
import { useLanguage, useZones } from "../ui/zone.tsx";
import { useWords } from "../words/index.ts";
import { showKeys } from "./Keys.tsx";
import menu from "./Menu.module.css";
import type { OpenMenu } from "./MenuButton.tsx";
import { MenuPopover } from "./MenuPopover.tsx";
import { signOut } from "./signOut.ts";

interface Choice<T extends string> {
  title: string;
  value: T;
  options: readonly (readonly [T, string])[];
  choose: (value: T) => void;
}

/** Language, theme and zone at hand, the rest in C-40. */
export function UserMenuList({ who, ...open }: OpenMenu & { who: string }) {
  const { common, keys } = useWords();
  const w = common.user;
  const chosen = usePreferences();
  const zones = useZones();
  const language = useLanguage();
  return (
    <MenuPopover open={open} label={w.menu} at="bottom end">
      <MenuSection className={menu.section ?? ""}>
        <Header className={menu.header ?? ""}>
          <bdi>{who}</bdi>
        </Header>
        <MenuItem className={menu.item ?? ""} href={paths.me}>
          {w.me}
        </MenuItem>
        <MenuItem className={menu.item ?? ""} onAction={showKeys}>
          {keys.title}
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
    </MenuPopover>
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
