import { useEventTypes } from "../../api/configuration.ts";
import { useLanguage } from "../../ui/zone.tsx";

/** The words of an event type in the reader's language; a type of one's own is its name. */
export function useTypeLabel(): (type: string) => string {
  const types = useEventTypes().data;
  const language = useLanguage();
  return (type) => types?.find((one) => one.type === type)?.label[language] ?? type;
}
