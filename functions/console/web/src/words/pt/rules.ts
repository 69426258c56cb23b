export const rules = { title: "Regras" };
