export const timeline = { title: "Linha do tempo" };
