import type { Schemas } from "../../api/configuration.ts";
import type { Integration } from "./useChange.ts";

export type Check = Schemas["Check"];
export type SecretField = "secret" | "verify_token";

/** A secret of a check as the API shows it: never its value. */
export interface ShownSecret {
  readonly field: SecretField;
  readonly set: boolean;
  readonly previousUntil: string | undefined;
}

export interface ShownCheck {
  readonly type: Check["type"];
  /** The header or the user by which it works, for those that have one. */
  readonly detail: string | undefined;
  readonly secrets: readonly ShownSecret[];
}

type Raw = Integration["verification"][number];

const TYPES: readonly Check["type"][] = [
  "standard_webhooks",
  "svix",
  "github",
  "stripe",
  "shopify",
  "respond_io",
  "meta",
  "hotmart",
  "token",
  "basic",
  "hmac",
];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Reads a check as the API shows it. A type that this console does not know is shown as a signature. */
export function shownCheck(raw: Raw): ShownCheck {
  const all: Record<string, unknown> = { ...raw };
  const place = isRecord(all.in) ? all.in : {};
  const fields: SecretField[] = raw.type === "meta" ? ["secret", "verify_token"] : ["secret"];
  return {
    type: TYPES.find((type) => type === raw.type) ?? "hmac",
    detail: textOf(all.header) ?? textOf(all.user) ?? textOf(place.header) ?? textOf(place.query),
    secrets: fields.map((field) => {
      const secret = isRecord(all[field]) ? all[field] : {};
      return {
        field,
        set: secret.set === true,
        previousUntil: textOf(secret.previous_until),
      };
    }),
  };
}

/** The checks to send with one secret changed; the others as they were shown, which keeps them. */
export function withSecret(
  checks: readonly Raw[],
  at: number,
  field: SecretField,
  secret: Schemas["Secret"],
): Raw[] {
  return checks.map((check, i) => (i === at ? { ...check, [field]: secret } : check));
}

/** Checks that can be added to any integration. */
export const ADDABLE: readonly Check[] = [
  { type: "token", in: { header: "x-webhook-token" }, secret: "generate" },
  { type: "standard_webhooks", secret: "generate" },
  {
    type: "hmac",
    header: "x-webhook-signature",
    encoding: "hex",
    algorithm: "sha256",
    signed: "{body}",
    secret: "generate",
  },
  { type: "basic", user: "webhook", secret: "generate" },
];
