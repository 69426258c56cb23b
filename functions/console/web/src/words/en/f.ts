import { forms } from "../plural.ts";

export const f = forms("en-US");
