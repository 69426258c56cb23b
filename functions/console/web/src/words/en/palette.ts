import type { palette as source } from "../pt/palette.ts";

export const palette: typeof source = {
  open: "Search or go to…",
  title: "Search or go to",
  hint: "Name, order number, id, e-mail or phone",
  nothing: "Nothing has this name",
  groups: {
    found: "Find",
    screens: "Screens",
    names: "Configuration",
    actions: "Actions",
  },
  go: {
    delivery: "Open this delivery",
    contact: "Open this contact",
    deal: "Open this deal",
    endpoint: "Open this endpoint",
    rule: "Open this rule",
    integration: "Open this integration",
    job: "Open this job",
  },
  webhook: "Open this webhook",
  noWebhook: "No origin has this webhook",
  timeline: (text) => `Timeline of “${text}”`,
  deliveries: (text) => `Deliveries of “${text}”`,
  webhooks: (text, origin) => `Webhooks with “${text}” in ${origin}`,
  contacts: (text) => `Contacts with “${text}”`,
  kinds: { origin: "Origin", integration: "Integration", endpoint: "Endpoint", rule: "Rule" },
  actions: {
    newIntegration: "New integration",
    newRule: "New rule",
    publish: "Publish event",
    dark: "Dark theme",
    light: "Light theme",
    switchTo: (name) => `Switch to workspace ${name}`,
  },
};
