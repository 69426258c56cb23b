import { indexJson } from "../../lib/jsonIndex.ts";
import { isContainer, keyOf, scalarText } from "../../lib/jsonTree.ts";

export interface FirstField {
  readonly key: string;
  readonly value: string;
}

/** The first named values of a payload, by which a person knows it again. Broken JSON has none. */
export function firstFields(text: string, most = 3): FirstField[] {
  const result = indexJson(text);
  if (!result.ok) return [];
  const json = { text, index: result.index };
  const found: FirstField[] = [];
  for (let node = 0; node < json.index.size && found.length < most; node += 1) {
    const key = keyOf(json, node);
    if (key === undefined || isContainer(json, node)) continue;
    const value = scalarText(json, node);
    if (value !== "" && value !== "null") found.push({ key, value });
  }
  return found;
}
