import { momentText } from "../../lib/time.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";

/** Moments as text in the zone in force, where no element can stand. */
export function useMoment(): (at: string) => string {
  const { shown } = useZones();
  const language = useLanguage();
  return (at) => momentText(at, shown, language);
}
