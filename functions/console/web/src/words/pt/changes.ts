/** Differences between versions of a configuration, and what stands in the way of a change. */
export const changes = {
  title: "Outra pessoa salvou antes de você",
  savedAt: "A versão atual foi salva em",
  field: "Campo",
  opened: "Ao abrir",
  theirs: "O atual",
  mine: "O meu",
  choose:
    "“Manter o meu” salva as suas mudanças sobre a versão atual. “Ficar com o atual” desfaz o que você mudou.",
  keepMine: "Manter o meu",
  takeTheirs: "Ficar com o atual",
  inUse: "Ainda em uso. Tire antes o que depende disto:",
  more: "e outros",
  integration: "Integração",
  rule: "Regra",
  deal: "Negócio",
};
