import { useOrigins } from "../../api/configuration.ts";
import type { Field } from "../../lib/mappingDraft.ts";
import { useWords } from "../../words/index.ts";
import type { Description } from "../changes/fields.ts";
import { useTransformName } from "../mapping/Transforms.tsx";
import { useTargetLabel } from "../mapping/targets.ts";
import { compared, type SettingName } from "./compared.ts";
import type { Integration } from "./useChange.ts";

const FIELD = "mapping.fields.";

/** The settings of one form of an integration, in its words. */
export function useIntegrationDescription(names: readonly SettingName[]): Description<Integration> {
  const { mapping } = useWords();
  const labels = useLabels();
  const targetLabel = useTargetLabel();
  const fieldText = useFieldText();
  const settingText = useSettingText();
  return {
    of: (integration) => compared(integration, names),
    isWhole: (path) => path.startsWith(FIELD) || path === "dedupe",
    label: (path) => {
      if (path.startsWith(FIELD)) return targetLabel(path.slice(FIELD.length));
      return path === "mapping.keys" ? mapping.keys.title : (labels[path] ?? path);
    },
    text: (path, value) => {
      if (path.startsWith(FIELD)) return value ? fieldText(value as Field) : undefined;
      return settingText(path, value);
    },
  };
}

function useLabels(): Readonly<Record<string, string>> {
  const { integrations: w } = useWords();
  return {
    name: w.name,
    active: w.active,
    action: w.action,
    tag: w.additional.tag,
    stage: w.additional.stage,
    stage_on_update: w.additional.onUpdate,
    status: w.additional.status,
    allowed_ips: w.verification.ips,
    verification: w.tabs.verification,
    methods: w.receive.methods,
    success_status: w.receive.status,
    sniff_json: w.receive.sniff,
    dedupe: w.receive.dedupe,
  };
}

/** The source of a field of the mapping and its transforms: `$.email · Minúsculas · Obrigatório`. */
function useFieldText() {
  const { mapping } = useWords();
  const w = mapping.fields;
  const transformName = useTransformName();
  return (field: Field): string => {
    const read = field.path ? [field.path] : (field.paths ?? []);
    const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    const { constant, default: otherwise } = field;
    const parts = [
      ...read,
      ...(constant == null ? [] : [`${w.constantShort} ${plain(constant)}`]),
      ...(field.from === "query" ? [w.query] : []),
      ...(field.transforms ?? []).map(transformName),
      ...(otherwise == null ? [] : [`${w.default} ${plain(otherwise)}`]),
      ...(field.required ? [w.required] : []),
      ...(field.on_invalid === "warn" ? [w.invalidWarn] : []),
      ...(field.on_invalid === "error" ? [w.invalidError] : []),
    ];
    return parts.join(" · ");
  };
}

function useSettingText() {
  const { integrations: w } = useWords();
  const origins = useOrigins().data ?? [];
  const stages = origins.flatMap((origin) => origin.stages);
  const actions: Readonly<Record<string, string>> = w.actions;
  const statuses: Readonly<Record<string, string>> = w.additional;
  const onUpdate: Readonly<Record<string, string>> = {
    always: w.additional.always,
    only_on_create: w.additional.onlyOnCreate,
  };
  const types: Readonly<Record<string, string>> = w.verification.types;
  return (path: string, value: unknown): string | undefined => {
    const id = String(value);
    switch (path) {
      case "action":
        return actions[id];
      case "stage":
        return value === null ? w.additional.first : stages.find((one) => one.id === value)?.name;
      case "stage_on_update":
        return onUpdate[id];
      case "status":
        return value === null ? w.additional.noStatus : statuses[id];
      case "dedupe":
        return value === null ? w.receive.dedupeOff : undefined;
      case "verification":
        return checksText(value, types, w.verification.generated);
      default:
        return undefined;
    }
  };
}

function checksText(value: unknown, types: Readonly<Record<string, string>>, fresh: string) {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value
    .map((check: ReturnType<typeof compared>["verification"]) => {
      const {
        type,
        detail,
        fresh: typed,
      } = check as { type: string; detail?: string; fresh: string[] };
      const parts = [types[type] ?? type, detail, typed.length > 0 ? fresh : undefined];
      return parts.filter((part) => part !== undefined).join(" · ");
    })
    .join("\n");
}
