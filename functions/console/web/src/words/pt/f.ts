import { forms } from "../plural.ts";

export const f = forms("pt-BR");
