import { createContext, type ReactNode, useContext, useMemo } from "react";
import { usePreferences } from "../lib/preferences.ts";
import type { Language } from "../lib/time.ts";
import { useLocaleTag } from "../words/index.ts";

const Workspace = createContext("UTC");

/** Gives the parts below the time zone of the workspace. */
export function ZoneProvider(props: { zone: string; children: ReactNode }) {
  return <Workspace value={props.zone}>{props.children}</Workspace>;
}

/** The zone of the browser; UTC where it does not say. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export type Zones = {
  /** Days of filters and of the API are days of this zone. */
  workspace: string;
  browser: string;
  /** Times are shown in this zone. */
  shown: string;
};

export function useZones(): Zones {
  const workspace = useContext(Workspace);
  const { zone } = usePreferences();
  return useMemo(() => {
    const browser = browserZone();
    const shown = { workspace, browser, utc: "UTC" }[zone];
    return { workspace, browser, shown };
  }, [workspace, zone]);
}

/** The language in use, for the functions of `lib/time.ts`. */
export function useLanguage(): Language {
  return useLocaleTag() === "pt-BR" ? "pt" : "en";
}
