export const deliveries = { title: "Disparos" };
