export const history = { title: "Histórico" };
