import { f } from "./f.ts";

/** Texts of the shared parts of the screens (`ui/`). */
export const parts = {
  copy: "Copiar",
  copied: "Copiado",
  copyByHand: "O navegador não deixou copiar. O texto está selecionado: Ctrl+C copia.",
  showAll: "Mostrar tudo",
  optional: "opcional",

  filters: {
    bar: "Filtros",
    clear: "Limpar filtros",
    search: "Buscar",
    nothing: "Nada encontrado",
    remove: (label: string) => `Remover o filtro ${label}`,
    more: (first: string, others: number) => `${first} e mais ${f.number(others)}`,
  },

  search: { clear: "Limpar a busca", hint: "Enter busca" },

  table: {
    actions: "Ações",
    actionsFor: (name: string) => `Ações de ${name}`,
    selected: (n: number) => f.count(n, "selecionado", "selecionados"),
    selectAll: (n: number) => `Selecionar todos os ${f.number(n)} do filtro`,
    allSelected: (n: number) => `Todos os ${f.number(n)} do filtro`,
    unselect: "Desfazer seleção",
  },

  period: {
    label: "Período",
    today: "Hoje",
    yesterday: "Ontem",
    last7: "Últimos 7 dias",
    last30: "Últimos 30 dias",
    month: "Este mês",
    all: "Tudo",
    last: (amount: number, unit: "h" | "d") =>
      unit === "h"
        ? `Últimas ${f.count(amount, "hora", "horas")}`
        : `Últimos ${f.count(amount, "dia", "dias")}`,
    since: (from: string) => `desde ${from}`,
    until: (to: string) => `até ${to}`,
    between: (from: string, to: string) => `${from} a ${to}`,
    choose: "Escolher datas",
    range: "Intervalo de datas",
    fromDay: "De",
    toDay: "Até",
    withTimes: "Incluir horário",
    fromTime: "Hora inicial",
    toTime: "Hora final",
    zone: (name: string) => `Dias e horários de ${name}`,
    done: "Pronto",
    beforeRetention: "Antes da retenção",
    retainedSince: (day: string) => `Nada fica guardado antes de ${day}`,
    previousMonth: "Mês anterior",
    nextMonth: "Próximo mês",
  },

  drawer: {
    previous: "Anterior",
    next: "Próximo",
    fullPage: "Abrir em página inteira",
    copyLink: "Copiar link",
    linkCopied: "Link copiado",
    linkRefused: "O navegador não deixou copiar o link",
  },

  live: {
    off: "Ao vivo foi desligado: uma hora sem uso. A lista fica como está.",
  },

  confirm: { typeName: (name: string) => `Para confirmar, escreva ${name}` },

  toast: {
    region: "Mensagens",
    dismiss: "Dispensar",
    activity: "Atividade desta aba",
    noActivity: "Nada ainda. O que você fizer nesta aba aparece aqui.",
  },

  problem: {
    busy: "O Gancho está ocupado. Tente de novo em instantes.",
    ours: "Algo falhou do nosso lado.",
    offline: "Sem conexão com o Gancho.",
  },

  secret: {
    once: "Aparece só agora. Guarde em um lugar seguro antes de fechar.",
    download: "Baixar .txt",
    saved: "Já guardei",
    closing: "Fechar sem guardar?",
    closingText: "Este valor não aparece de novo.",
    back: "Voltar",
  },

  api: {
    view: "Ver como API",
    text: "O mesmo pedido por linha de comando. Troque $KEY por uma chave de API.",
  },

  chart: { asTable: "Ver como tabela" },

  time: {
    workspace: (name: string) => `Espaço (${name})`,
    browser: (name: string) => `Navegador (${name})`,
    utc: "UTC",
  },

  inbound: { success: "Sucesso", error: "Erro", pending: "Pendente" },
  delivery: {
    queued: "Na fila",
    retrying: "Tentando de novo",
    held: "Retido",
    success: "Sucesso",
    failure: "Falha",
    discarded: "Descartado",
  },
  endpoint: {
    active: "Ativo",
    probing: "Em teste de retomada",
    suspended: "Suspenso",
    disabled: "Desativado",
  },
  deal: { open: "Aberto", won: "Ganho", lost: "Perdido" },
  yes: "Sim",
  no: "Não",
};
