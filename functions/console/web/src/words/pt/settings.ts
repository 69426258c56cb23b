export const settings = {
  me: {
    title: "Minha conta",
    description: "Como o Gancho aparece neste navegador. Nada disto muda o que os outros veem.",
    appearance: "Aparência",
    density: "Densidade das tabelas",
    normal: "Normal",
    compact: "Compacta",
    times: "Horários",
    relative: "Mostrar horários das últimas 24 horas como “há 3 min”",
    keyboard: "Teclado",
    shortcuts: "Atalhos de uma letra",
    shortcutsHint: "Como g e depois w para o histórico. Nunca agem dentro de campos.",
    access: "O que posso fazer",
    workspace: "Espaço de trabalho",
    role: "Papel",
    signedInAs: "Você entrou como",
  },
};
