import type { Schemas } from "../../api/configuration.ts";
import type { Check } from "../integration/checks.ts";

type Offered = Schemas["Application"]["verification"][number];

/** The catalogue's question for a secret of a check. */
export interface Prompt {
  /** The path of the secret in the request, by which a refusal finds its field. */
  readonly id: string;
  readonly pt: string;
  readonly en: string;
  /** The gateway can make the secret. */
  readonly generate: boolean;
}

/** The answers by the id of the prompt; an absent one means: generate. */
export type Given = Readonly<Record<string, string | undefined>>;

const SECRETS = ["secret", "verify_token"] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function promptOf(check: Offered, at: number, name: (typeof SECRETS)[number]): Prompt | undefined {
  const value: unknown = Reflect.get(check, name);
  if (!isRecord(value)) return undefined;
  const { pt, en, generate } = value;
  if (typeof pt !== "string" || typeof en !== "string") return undefined;
  return { id: `verification[${at}].${name}`, pt, en, generate: generate === true };
}

/** The questions of an application's checks. */
export function promptsOf(checks: readonly Offered[]): Prompt[] {
  return checks.flatMap((check, at) => SECRETS.flatMap((name) => promptOf(check, at, name) ?? []));
}

function isCheck(value: Record<string, unknown>): value is Record<string, unknown> & Check {
  return typeof value.type === "string";
}

/** The checks with their answers in the place of the prompts. */
export function checksToSend(checks: readonly Offered[], given: Given): Check[] {
  return checks.flatMap((check, at) => {
    const made: Record<string, unknown> = { ...check };
    for (const name of SECRETS) {
      const prompt = promptOf(check, at, name);
      if (prompt === undefined) continue;
      const answer = given[prompt.id]?.trim();
      made[name] = answer === undefined && prompt.generate ? "generate" : (answer ?? "");
    }
    return isCheck(made) ? [made] : [];
  });
}
